#pragma once

// A box in the middle of the view: the keys, or one row in full.

#include "terminal/canvas.h"
#include "top/model.h"

namespace phantom::top {

// Draws nothing where none is open.
void draw_overlay(terminal::Canvas& canvas, const Model& model, bool unicode);

// `text` in lines of at most `width` columns, cut at spaces where there are some.
[[nodiscard]] std::vector<std::string> wrapped(std::string_view text, int width);

}  // namespace phantom::top
