#pragma once

// All verbs and options as a page of the documentation, from the description that the help is made from. No I/O.

#include <string>

#include <CLI/App.hpp>

namespace phantom::cli {

// Markdown.
[[nodiscard]] std::string reference(const CLI::App& app);

}  // namespace phantom::cli
