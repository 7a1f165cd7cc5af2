#pragma once

// Numbers as a row of bars, a column each.

#include <span>
#include <string>

namespace phantom::terminal {

// The last `columns` of them, the newest at the right; where there are fewer, spaces before. `most` is a full bar, and
// more than 0. Nothing is below the lowest bar but 0, which is a space.
[[nodiscard]] std::string sparkline(
    std::span<const double> values, int columns, double most, bool unicode
);

}  // namespace phantom::terminal
