#include "terminal/painter.h"

#include <optional>

#include <fmt/format.h>

namespace phantom::terminal {

namespace {

constexpr const char* kBeginUpdate = "\x1b[?2026h";
constexpr const char* kEndUpdate = "\x1b[?2026l";
constexpr const char* kClear = "\x1b[0m\x1b[2J";

int code_of(Colour colour) {
    switch (colour) {
        case Colour::kNone:
            return 39;
        case Colour::kRed:
            return 31;
        case Colour::kGreen:
            return 32;
        case Colour::kYellow:
            return 33;
        case Colour::kBlue:
            return 34;
        case Colour::kCyan:
            return 36;
        case Colour::kGrey:
            return 90;
    }
    return 39;
}

std::string select(const Style& style, bool colour) {
    std::string out = "\x1b[0";
    out += style.bold ? ";1" : "";
    out += style.reverse ? ";7" : "";
    if (colour && style.colour != Colour::kNone) {
        out += fmt::format(";{}", code_of(style.colour));
    }
    return out + "m";
}

}  // namespace

std::string paint(const Canvas* shown, const Canvas& wanted, bool colour) {
    const Size size = wanted.size();
    const bool anew = shown == nullptr || shown->size() != size;
    std::string out = anew ? kClear : "";
    std::optional<Style> style;
    for (int y = 0; y < size.height; ++y) {
        int cursor = -1;  // where the terminal's is in this row; -1: elsewhere
        for (int x = 0; x < size.width; ++x) {
            const Cell& cell = wanted.at(x, y);
            if (cell == (anew ? Cell{} : shown->at(x, y))) {
                continue;
            }
            if (cursor != x) {
                out += fmt::format("\x1b[{};{}H", y + 1, x + 1);
            }
            if (style != cell.style) {
                out += select(cell.style, colour);
                style = cell.style;
            }
            append_character(out, cell.glyph);
            cursor = x + 1;
        }
    }
    return out.empty() ? out : kBeginUpdate + out + kEndUpdate;
}

}  // namespace phantom::terminal
