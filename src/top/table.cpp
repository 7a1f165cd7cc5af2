#include "top/table.h"

#include <algorithm>

namespace phantom::top {

namespace {

constexpr int kGap = 2;
constexpr terminal::Style kTitle{.colour = terminal::Colour::kGrey, .bold = true};

int total(const std::vector<int>& widths) {
    int sum = 0;
    int count = 0;
    for (const int width : widths) {
        sum += width;
        count += width > 0 ? 1 : 0;
    }
    return sum + kGap * std::max(count - 1, 0);
}

// The one that leaves next; -1: all the others stay.
int next_to_leave(const Table& table, const std::vector<int>& widths) {
    int found = -1;
    for (std::size_t index = 0; index < widths.size(); ++index) {
        const int rank = table.columns[index].rank;
        const int worst = found < 0 ? 0 : table.columns[static_cast<std::size_t>(found)].rank;
        if (widths[index] > 0 && rank > worst) {
            found = static_cast<int>(index);
        }
    }
    return found;
}

// The last `columns` of it: of bars the newest.
std::string end_of(std::string_view text, int columns) {
    for (int over = terminal::columns_of(text) - columns; over > 0; --over) {
        (void)terminal::take_character(text);
    }
    return std::string(text);
}

std::string aligned(const std::string& text, int width, bool is_right, std::string_view mark) {
    const std::string cut = is_right ? end_of(text, width) : terminal::cut_to(text, width, mark);
    const std::string fill(static_cast<std::size_t>(width - terminal::columns_of(cut)), ' ');
    return is_right ? fill + cut : cut + fill;
}

}  // namespace

std::vector<int> column_widths(const Table& table, int width) {
    std::vector<int> widths;
    for (std::size_t index = 0; index < table.columns.size(); ++index) {
        const Column& column = table.columns[index];
        int widest = std::max(column.least, terminal::columns_of(column.title));
        for (const Row& row : table.rows) {
            // One that grows begins with what it needs at least, and takes the rest below.
            const int own = terminal::columns_of(row[index].text);
            widest = column.grows ? widest : std::max(widest, own);
        }
        widths.push_back(std::max(widest, 1));
    }
    while (total(widths) > width) {
        const int leaving = next_to_leave(table, widths);
        if (leaving < 0) {
            break;
        }
        widths[static_cast<std::size_t>(leaving)] = 0;
    }
    for (std::size_t index = 0; index < widths.size(); ++index) {
        if (table.columns[index].grows && widths[index] > 0) {
            widths[index] += std::max(width - total(widths), 0);
            break;
        }
    }
    return widths;
}

void draw(terminal::Canvas& canvas, const Table& table, const Area& area, std::string_view mark) {
    const std::vector<int> widths = column_widths(table, area.width);
    const auto draw_row = [&](int y, const auto& word_of) {
        int x = area.x;
        for (std::size_t index = 0; index < widths.size(); ++index) {
            if (widths[index] > 0 && x < area.x + area.width) {
                const int width = std::min(widths[index], area.x + area.width - x);
                const Word word = word_of(index);
                canvas.put(
                    x, y, aligned(word.text, width, table.columns[index].is_right, mark), word.style
                );
                x += widths[index] + kGap;
            }
        }
    };
    if (area.height > 0) {
        draw_row(area.y, [&](std::size_t index) {
            return Word{table.columns[index].title, kTitle};
        });
    }
    for (int line = 1; line < area.height; ++line) {
        const std::size_t index = table.first + static_cast<std::size_t>(line - 1);
        if (index >= table.rows.size()) {
            break;
        }
        draw_row(area.y + line, [&](std::size_t column) { return table.rows[index][column]; });
        if (index == table.selected) {
            canvas.tint(area.y + line, {.reverse = true});
        }
    }
}

}  // namespace phantom::top
