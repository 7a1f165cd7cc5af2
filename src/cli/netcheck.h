#pragma once

// `phantom netcheck`: how this node is reached, and what would help.

#include "cli/client.h"

namespace phantom::cli {

[[nodiscard]] int netcheck(const Places& places, bool as_json);

}  // namespace phantom::cli
