#pragma once

// Starts the daemon in the background and waits until it says that it is ready, or why not.

#include <string>
#include <vector>

#include "cli/client.h"

namespace phantom::cli {

// `input` is given to its standard input, so that a secret is in no argument list. What the daemon
// says on standard error before it is ready goes to ours. kOk when it is ready.
[[nodiscard]] Exit start_daemon(
    const Places& places, const std::vector<std::string>& arguments, const std::string& input = {}
);

}  // namespace phantom::cli
