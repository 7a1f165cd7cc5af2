#include "terminal/canvas.h"

#include <algorithm>

#include "base/assert.h"

namespace phantom::terminal {

namespace {

constexpr char32_t kReplacement = 0xfffd;
constexpr char32_t kLast = 0x10ffff;

// Of a character that begins with this byte; 0: none does.
std::size_t length_of(unsigned char first) {
    if (first < 0x80) {
        return 1;
    }
    return first >= 0xc2 && first < 0xe0   ? 2
           : first >= 0xe0 && first < 0xf0 ? 3
           : first >= 0xf0 && first < 0xf5 ? 4
                                           : 0;
}

}  // namespace

char32_t take_character(std::string_view& text) {
    PM_ASSERT(!text.empty());
    const auto first = static_cast<unsigned char>(text.front());
    const std::size_t length = length_of(first);
    if (length == 0 || length > text.size()) {
        text.remove_prefix(1);
        return kReplacement;
    }
    char32_t character = length == 1 ? first : first & (0x7fU >> length);
    for (std::size_t index = 1; index < length; ++index) {
        const auto next = static_cast<unsigned char>(text[index]);
        if ((next & 0xc0U) != 0x80U) {
            text.remove_prefix(1);
            return kReplacement;
        }
        character = character << 6U | (next & 0x3fU);
    }
    text.remove_prefix(length);
    return character > kLast ? kReplacement : character;
}

void append_character(std::string& text, char32_t character) {
    const auto byte = [&text](char32_t value) { text += static_cast<char>(value); };
    if (character < 0x80) {
        byte(character);
    } else if (character < 0x800) {
        byte(0xc0U | character >> 6U);
        byte(0x80U | (character & 0x3fU));
    } else if (character < 0x10000) {
        byte(0xe0U | character >> 12U);
        byte(0x80U | (character >> 6U & 0x3fU));
        byte(0x80U | (character & 0x3fU));
    } else {
        byte(0xf0U | character >> 18U);
        byte(0x80U | (character >> 12U & 0x3fU));
        byte(0x80U | (character >> 6U & 0x3fU));
        byte(0x80U | (character & 0x3fU));
    }
}

int columns_of(std::string_view text) {
    int columns = 0;
    while (!text.empty()) {
        (void)take_character(text);
        ++columns;
    }
    return columns;
}

std::string cut_to(std::string_view text, int columns, std::string_view mark) {
    if (columns_of(text) <= columns) {
        return std::string(text);
    }
    std::string out;
    for (int column = 0; column + 1 < columns; ++column) {
        append_character(out, take_character(text));
    }
    return columns > 0 ? out + std::string(mark) : "";
}

Canvas::Canvas(Size size)
    : size_{std::clamp(size.width, 1, kWidthMax), std::clamp(size.height, 1, kHeightMax)},
      cells_(static_cast<std::size_t>(size_.width) * static_cast<std::size_t>(size_.height)) {}

bool Canvas::holds(int x, int y) const {
    return x >= 0 && x < size_.width && y >= 0 && y < size_.height;
}

std::size_t Canvas::index(int x, int y) const {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(size_.width) +
           static_cast<std::size_t>(x);
}

const Cell& Canvas::at(int x, int y) const {
    PM_ASSERT(holds(x, y));
    return cells_[index(x, y)];
}

int Canvas::put(int x, int y, std::string_view text, Style style) {
    while (!text.empty()) {
        const char32_t glyph = take_character(text);
        if (holds(x, y)) {
            // What would move a terminal's cursor is not a glyph.
            cells_[index(x, y)] = {glyph < U' ' || glyph == 0x7f ? U'?' : glyph, style};
        }
        ++x;
    }
    return x;
}

void Canvas::fill(int x, int y, int count, char32_t glyph, Style style) {
    for (int column = std::max(x, 0); column < std::min(x + count, size_.width); ++column) {
        if (holds(column, y)) {
            cells_[index(column, y)] = {glyph, style};
        }
    }
}

void Canvas::tint(int y, Style style) {
    for (int x = 0; x < size_.width; ++x) {
        if (holds(x, y)) {
            cells_[index(x, y)].style = style;
        }
    }
}

std::string Canvas::text() const {
    std::string out;
    for (int y = 0; y < size_.height; ++y) {
        std::string line;
        for (int x = 0; x < size_.width; ++x) {
            append_character(line, at(x, y).glyph);
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out += line + "\n";
    }
    return out;
}

}  // namespace phantom::terminal
