#pragma once

// Another program, run to its end.

#include <string>
#include <vector>

#include "base/clock.h"

namespace phantom::io {

// The loop stands still meanwhile: for what is rare and takes milliseconds.
inline constexpr Duration kCommandPatience = std::chrono::seconds(3);

// True when it ended with 0. Its output goes nowhere; it is killed when it takes longer.
[[nodiscard]] bool run_command(std::vector<std::string> words);

}  // namespace phantom::io
