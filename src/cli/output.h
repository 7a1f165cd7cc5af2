#pragma once

// What every verb says, and where.

#include <string>

#include "cli/client.h"

namespace phantom::cli {

// To standard output, at once.
void print(const std::string& text);
void print_json(const boost::json::object& body);
// To standard error, with our name; the exit status.
[[nodiscard]] int fail_with(const Answer& answer);

}  // namespace phantom::cli
