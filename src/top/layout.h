#pragma once

// How the panes share the lines between the head and the foot.

#include <array>
#include <vector>

#include "top/model.h"

namespace phantom::top {

// A title, a line of columns, and rows.
struct Slot {
    Pane pane = Pane::kPeers;
    int y = 0;
    int height = 0;
};

struct Room {
    int y = 0;
    int height = 0;
    std::array<std::size_t, kPaneCount> counts{};  // rows of each
    Pane focus = Pane::kPeers;
    bool is_zoomed = false;
};

// All panes, one below the other, where that leaves some rows of each; else the one in focus alone. What is left over
// goes to the one in focus first, and no pane has more than it can use but the last.
[[nodiscard]] std::vector<Slot> share(const Room& room);

// The row that is shown first, so that the selected one is shown.
[[nodiscard]] std::size_t first_row(std::size_t selected, std::size_t count, int rows);

}  // namespace phantom::top
