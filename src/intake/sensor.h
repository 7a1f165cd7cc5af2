#pragma once

// Another sensor's word: alerts of Suricata (EVE JSON) and notices of Zeek (JSON) as sightings.

#include <optional>
#include <string_view>

#include "intake/sighting.h"

namespace phantom::intake {

// None: no JSON, or nothing that is an alert.
[[nodiscard]] std::optional<Sighting> read_eve_alert(std::string_view line);
[[nodiscard]] std::optional<Sighting> read_zeek_notice(std::string_view line);

}  // namespace phantom::intake
