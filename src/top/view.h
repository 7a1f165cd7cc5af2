#pragma once

// What `phantom top` looks like: a pure function of the model.
//
//     screen.show(render(model, {.size = Screen::size(), .now = monotonic_now(), .clock = "12:31:07"}));

#include <string>

#include "base/clock.h"
#include "terminal/canvas.h"
#include "top/model.h"

namespace phantom::top {

struct Look {
    terminal::Size size;
    Instant now;
    std::string clock;  // as it is shown
    bool unicode = true;
};

[[nodiscard]] terminal::Canvas render(const Model& model, const Look& given);

// Rows of the pane in focus, for a page up or down.
[[nodiscard]] std::size_t page_of(const Model& model, const Look& look);

}  // namespace phantom::top
