#include "top/layout.h"

#include <algorithm>

namespace phantom::top {

namespace {

constexpr int kFrame = 2;      // title and columns
constexpr int kRowsLeast = 2;  // of a pane that has some
constexpr int kEmpty = 2;      // title, and a sentence

int wanted_of(std::size_t count) {
    return count == 0 ? kEmpty : kFrame + static_cast<int>(std::min(count, kRowsMax));
}

int least_of(std::size_t count) {
    return std::min(wanted_of(count), kFrame + kRowsLeast);
}

}  // namespace

std::vector<Slot> share(const Room& room) {
    std::array<int, kPaneCount> heights{};
    int used = 0;
    for (std::size_t pane = 0; pane < kPaneCount; ++pane) {
        heights[pane] = least_of(room.counts[pane]);
        used += heights[pane];
    }
    if (room.is_zoomed || used > room.height) {
        return {{.pane = room.focus, .y = room.y, .height = std::max(room.height, 0)}};
    }
    const auto grow = [&](std::size_t pane) {
        const int more = std::min(wanted_of(room.counts[pane]) - heights[pane], room.height - used);
        heights[pane] += more;
        used += more;
    };
    grow(static_cast<std::size_t>(room.focus));
    for (std::size_t pane = 0; pane < kPaneCount; ++pane) {
        grow(pane);
    }
    std::vector<Slot> slots;
    int y = room.y;
    for (std::size_t pane = 0; pane < kPaneCount; ++pane) {
        slots.push_back({.pane = static_cast<Pane>(pane), .y = y, .height = heights[pane]});
        y += heights[pane];
    }
    slots.back().height += room.height - used;
    return slots;
}

std::size_t first_row(std::size_t selected, std::size_t count, int rows) {
    const auto shown = static_cast<std::size_t>(std::max(rows, 1));
    if (count <= shown || selected < shown) {
        return 0;
    }
    return std::min(selected - shown + 1, count - shown);
}

}  // namespace phantom::top
