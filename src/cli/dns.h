#pragma once

// `phantom dns on|off|status`.

#include "cli/client.h"

namespace phantom::cli {

// `action`: "on", "off" or "status". The exit status.
[[nodiscard]] int dns(const Places& places, const std::string& action, bool as_json);

}  // namespace phantom::cli
