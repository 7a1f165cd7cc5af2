#pragma once

// `phantomd run`: a node of a mesh, from its options to its end.

#include "daemon/run_options.h"

namespace phantom::daemon {

// The exit status. Errors went to standard error, or to the log once it runs.
[[nodiscard]] int run_node(const RunOptions& options);

}  // namespace phantom::daemon
