#pragma once

// phantom mcp: the Model Context Protocol on standard input and output, until the input ends.

#include "cli/client.h"

namespace phantom::cli {

[[nodiscard]] int serve_mcp(const Places& places, bool allow_writes);

}  // namespace phantom::cli
