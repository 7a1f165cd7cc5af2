#pragma once

// What colours mean in the view. Whatever is said so is said by a word, too.

#include "terminal/canvas.h"

namespace phantom::top {

inline constexpr terminal::Style kPlain{};
inline constexpr terminal::Style kStrong{.bold = true};
inline constexpr terminal::Style kQuiet{.colour = terminal::Colour::kGrey};
inline constexpr terminal::Style kGood{.colour = terminal::Colour::kGreen};
inline constexpr terminal::Style kFair{.colour = terminal::Colour::kYellow};
inline constexpr terminal::Style kBad{.colour = terminal::Colour::kRed, .bold = true};
inline constexpr terminal::Style kFocus{.colour = terminal::Colour::kCyan, .bold = true};

}  // namespace phantom::top
