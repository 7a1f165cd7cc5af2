#pragma once

// What a terminal has to be sent so that it shows a canvas. Source: ECMA-48; the synchronised update is private mode
// 2026, which a terminal that does not know it ignores.

#include <string>

#include "terminal/canvas.h"

namespace phantom::terminal {

// `shown` is what is there now: null where that is not known, or is of another size. Empty: nothing differs.
[[nodiscard]] std::string paint(const Canvas* shown, const Canvas& wanted, bool colour);

}  // namespace phantom::terminal
