#pragma once

// `phantom inputs`: the logs that the daemon reads, and how far it is with each.

#include "cli/client.h"

namespace phantom::cli {

// The exit status.
[[nodiscard]] int show_inputs(const Places& places, bool as_json);

}  // namespace phantom::cli
