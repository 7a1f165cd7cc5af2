#pragma once

// Detections as EVE records, which tools of Suricata's world read: one JSON object a line.

#include <string>

#include "detect/detector.h"

namespace phantom::detect {

struct EveOptions {
    // With the packet itself, in base 64.
    bool with_packet = false;
};

[[nodiscard]] std::string eve_alert(const Detection& detection, const EveOptions& options);
[[nodiscard]] std::string eve_file(const FileSeen& seen);

}  // namespace phantom::detect
