#pragma once

// The sections `rotas` and `escalations`, which are our own, and a route's `escalation`. Inside this component only.

#include "alert/yaml_section.h"

namespace phantom::alert {

// None and a fault where there is no such zone; none for UTC.
[[nodiscard]] ZonePointer read_zone_name(
    Section& section, std::string_view key, const ReadZone& zones, std::string& name
);
// Once the receivers are known.
void read_rotas(Section& top, const ReadZone& zones, Config& config);
// Once the rotas are known.
void read_escalations(Section& top, Config& config);
// A route's own, or the one it has from above.
void read_route_escalation(Section& section, Route& route, const Config& config);

}  // namespace phantom::alert
