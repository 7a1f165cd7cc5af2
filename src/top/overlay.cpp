#include "top/overlay.h"

#include <algorithm>

#include "top/pane.h"

namespace phantom::top {

namespace {

using terminal::Canvas;
using terminal::Colour;
using terminal::Style;

constexpr Style kFrameStyle{.colour = Colour::kCyan};
constexpr Style kTitleStyle{.colour = Colour::kCyan, .bold = true};
constexpr Style kNameStyle{.colour = Colour::kGrey};
constexpr int kWidthWanted = 76;
constexpr int kMargin = 2;

struct Frame {
    char32_t across, down, top_left, top_right, bottom_left, bottom_right;
};
constexpr Frame kRound{U'─', U'│', U'┌', U'┐', U'└', U'┘'};
constexpr Frame kPlainFrame{U'-', U'|', U'+', U'+', U'+', U'+'};

Detail help() {
    return {
        "Keys",
        {
            {"q  Ctrl-C", "ends it"},
            {"tab  arrows", "another pane, another row; 1 to 4: that pane"},
            {"PgUp PgDn", "a page; Home and End: the first and the last row"},
            {"enter", "the row in full, with the command that goes on from it"},
            {"z", "the pane alone, and all of them again"},
            {"s  r", "peers by name, path, rtt, loss or traffic; the other way round"},
            {"/", "only rows that have this text, in all panes; Esc: all again"},
            {"p  space", "nothing moves until it is pressed again"},
            {"Ctrl-L", "draws all anew"},
            {"", ""},
            {"IN OUT", "a second, outer bytes; bars: both, the newest at the right"},
            {"LOSS", "of the last probes"},
        },
    };
}

struct Line {
    std::string name;
    std::string text;
};

std::vector<Line> boxed_lines(const Detail& detail, int name_width, int text_width) {
    std::vector<Line> lines;
    for (const auto& [name, text] : detail.lines) {
        std::string shown_name = terminal::cut_to(name, name_width, ".");
        const auto parts = wrapped(text, text_width);
        for (const std::string& part : parts) {
            lines.push_back({shown_name, part});
            shown_name.clear();
        }
        if (parts.empty()) {
            lines.push_back({shown_name, ""});
        }
    }
    return lines;
}

void draw_frame(Canvas& canvas, const Frame& frame, int x, int y, int width, int height) {
    for (int row = 0; row < height; ++row) {
        canvas.fill(x, y + row, width, U' ');
        canvas.fill(x, y + row, 1, frame.down, kFrameStyle);
        canvas.fill(x + width - 1, y + row, 1, frame.down, kFrameStyle);
    }
    for (const int row : {y, y + height - 1}) {
        canvas.fill(x, row, width, frame.across, kFrameStyle);
    }
    canvas.fill(x, y, 1, frame.top_left, kFrameStyle);
    canvas.fill(x + width - 1, y, 1, frame.top_right, kFrameStyle);
    canvas.fill(x, y + height - 1, 1, frame.bottom_left, kFrameStyle);
    canvas.fill(x + width - 1, y + height - 1, 1, frame.bottom_right, kFrameStyle);
}

}  // namespace

std::vector<std::string> wrapped(std::string_view text, int width) {
    std::vector<std::string> lines;
    const auto room = static_cast<std::size_t>(std::max(width, 1));
    while (!text.empty()) {
        std::size_t size = std::min(room, text.size());
        if (size < text.size()) {
            const std::size_t space = text.substr(0, size + 1).rfind(' ');
            size = space != std::string_view::npos && space > 0 ? space : size;
        }
        lines.emplace_back(text.substr(0, size));
        text.remove_prefix(size);
        text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    }
    return lines;
}

void draw_overlay(Canvas& canvas, const Model& model, bool unicode) {
    if (model.overlay == Overlay::kNone) {
        return;
    }
    const Detail detail = model.overlay == Overlay::kHelp ? help() : detail_of(model);
    const terminal::Size size = canvas.size();
    const int width = std::min(kWidthWanted, size.width);
    int name_width = 0;
    for (const auto& line : detail.lines) {
        name_width = std::max(name_width, terminal::columns_of(line.first));
    }
    name_width = std::min(name_width, width / 3);
    const int text_width = std::max(width - 2 * kMargin - name_width - 2, 1);
    std::vector<Line> lines = boxed_lines(detail, name_width, text_width);
    const int height = std::min(static_cast<int>(lines.size()) + 2, size.height);
    const int x = (size.width - width) / 2;
    const int y = (size.height - height) / 2;
    draw_frame(canvas, unicode ? kRound : kPlainFrame, x, y, width, height);
    canvas.put(x + 2, y, " " + detail.title + " ", kTitleStyle);
    for (int row = 0; row + 2 < height; ++row) {
        const Line& line = lines[static_cast<std::size_t>(row)];
        canvas.put(x + kMargin, y + 1 + row, line.name, kNameStyle);
        canvas.put(x + kMargin + name_width + 2, y + 1 + row, line.text);
    }
}

}  // namespace phantom::top
