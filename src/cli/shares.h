#pragma once

// Shares as people hand them in: from a file or standard input, never as arguments, which everybody on
// the machine can see. What is typed at a terminal is not shown.

#include <expected>
#include <string>
#include <vector>

namespace phantom::cli {

// The lines of `file` ("-": standard input) without blanks around them; empty ones are left out. A
// sentence where it cannot be read, or is too much.
[[nodiscard]] std::expected<std::vector<std::string>, std::string> read_shares(
    const std::string& file
);

}  // namespace phantom::cli
