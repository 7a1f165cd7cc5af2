#pragma once

// `phantom completion bash|zsh|fish`: scripts for shells, made from the command line's own description, so
// that they cannot fall behind it.

#include <string>
#include <string_view>

#include <CLI/App.hpp>

namespace phantom::cli {

// `shell`: "bash", "zsh" or "fish". Text to be sourced there.
[[nodiscard]] std::string completion(const CLI::App& app, std::string_view shell);

}  // namespace phantom::cli
