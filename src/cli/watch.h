#pragma once

// A verb again and again, until a signal ends it.

#include <functional>
#include <string>

namespace phantom::cli {

// On a terminal each answer takes the place of the one before, as much of it as fits, and a verb that fails is tried
// again. Elsewhere they follow each other, a line each with --json, and the first failure is the exit status.
[[nodiscard]] int watch(
    const std::string& path, double interval_s, const std::function<int()>& show
);

// `text` as a terminal is sent it in place of what was there: at most `height` lines of it, each over the old one.
[[nodiscard]] std::string in_place(const std::string& text, int height);

}  // namespace phantom::cli
