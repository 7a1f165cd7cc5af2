#pragma once

// `phantom cvss VECTOR`, and `phantom cvss -` for a vector on each line of standard input. Asks no daemon.

#include <string>
#include <string_view>

#include "cli/verbs.h"

namespace phantom::cli {

void add_cvss_verb(CLI::App& app, Arguments& arguments, const AddVerb& verb);

// A line's scores, or what is wrong with it; one JSON object, or lines for people. No newline at the end.
[[nodiscard]] std::string cvss_as_json(std::string_view text);
[[nodiscard]] std::string cvss_as_text(std::string_view text);

}  // namespace phantom::cli
