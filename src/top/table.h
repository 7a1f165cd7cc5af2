#pragma once

// Rows under columns, on a part of a canvas. Where there is no room for all columns those of the highest rank leave,
// and what is left over goes to the one that grows.

#include <string>
#include <vector>

#include "terminal/canvas.h"

namespace phantom::top {

struct Column {
    std::string title;
    int rank = 0;           // 0: stays whatever happens
    bool is_right = false;  // numbers
    bool grows = false;     // into what room is left; its texts are cut
    int least = 0;          // columns that it has at least
};

struct Word {
    std::string text;
    terminal::Style style;
};
using Row = std::vector<Word>;  // one for each column

struct Table {
    std::vector<Column> columns;
    std::vector<Row> rows;
    std::size_t first = 0;            // the row that is drawn first
    std::size_t selected = SIZE_MAX;  // shown in reverse
};

struct Area {
    int x = 0;
    int y = 0;
    int width = 0;
    int height = 0;
};

// How wide each column is drawn; 0: it has left. Their sum, and two between each two, is `width` at most, but for the
// columns that stay.
[[nodiscard]] std::vector<int> column_widths(const Table& table, int width);

// Titles in the first line, rows below. `mark`: what ends a text that is cut.
void draw(terminal::Canvas& canvas, const Table& table, const Area& area, std::string_view mark);

}  // namespace phantom::top
