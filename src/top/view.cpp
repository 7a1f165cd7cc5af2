#include "top/view.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "top/layout.h"
#include "top/overlay.h"
#include "top/pane.h"
#include "top/styles.h"
#include "top/words.h"

namespace phantom::top {

namespace {

using terminal::Canvas;
using terminal::Colour;
using terminal::Style;

constexpr std::uint64_t kStaleSeconds = 5;

struct Glyphs {
    char32_t line;
    const char* in;
    const char* out;
    const char* mark;
    const char* dot;
};
constexpr Glyphs kUnicode{.line = U'─', .in = "↓ ", .out = "↑ ", .mark = "…", .dot = " · "};
constexpr Glyphs kAscii{.line = U'-', .in = "in ", .out = "out ", .mark = "~", .dot = " | "};

const Glyphs& glyphs_of(const Look& look) {
    return look.unicode ? kUnicode : kAscii;
}

// One above the other, the last of them at the right edge where there is room for both.
void draw_ends(
    Canvas& canvas, int y, const std::vector<Word>& left, const std::vector<Word>& right
) {
    int x = 0;
    for (const Word& each : left) {
        x = canvas.put(x, y, each.text, each.style);
    }
    int width = 0;
    for (const Word& each : right) {
        width += terminal::columns_of(each.text);
    }
    int at = canvas.size().width - width;
    if (at >= x) {
        for (const Word& each : right) {
            at = canvas.put(at, y, each.text, each.style);
        }
    }
}

Word defence_word(const Snapshot& all) {
    if (all.defence.empty()) {
        return {"", {}};
    }
    return {"defence " + all.defence, all.defence == "off" ? kFair : kGood};
}

// "amber in mesh 5e8c..  2 of 3 online  in 1.2 MB/s ..."
void draw_header(Canvas& canvas, const Model& model, const Look& look) {
    const Snapshot& all = model.snapshot;
    const Glyphs& glyphs = glyphs_of(look);
    if (model.taken.is_never()) {
        draw_ends(canvas, 0, {{"phantom top", kStrong}}, {{look.clock, kQuiet}});
        return;
    }
    const bool is_narrow = look.size.width < 60;
    std::vector<Word> left{{all.name, kStrong}};
    if (!is_narrow) {
        left.push_back({fmt::format(" in mesh {}", all.mesh), kQuiet});
    }
    left.push_back({glyphs.dot, kQuiet});
    left.push_back({glyphs.in + rate_text(model.total.in), {}});
    left.push_back({"  ", {}});
    left.push_back({glyphs.out + rate_text(model.total.out), {}});
    left.push_back({glyphs.dot, kQuiet});
    left.push_back(defence_word(all));
    if (!all.is_ready) {
        left.push_back({glyphs.dot, kQuiet});
        left.push_back({"not ready", kFair});
    }
    std::vector<Word> right{{look.clock, kQuiet}};
    if (model.is_paused) {
        right.insert(right.begin(), {"PAUSED ", kFair});
    }
    draw_ends(canvas, 0, left, right);
}

std::string age_text(const Model& model, const Look& look) {
    const auto age = std::chrono::duration_cast<std::chrono::seconds>(look.now - model.taken);
    return span_text(static_cast<std::uint64_t>(std::max<std::int64_t>(age.count(), 0)));
}

// What stands in the way of trusting the rest: one line, or none.
std::vector<Word> trouble_of(const Model& model, const Look& look) {
    if (!model.problem.empty()) {
        const std::string since =
            model.taken.is_never() ? "" : fmt::format("as it was {} ago; ", age_text(model, look));
        return {
            {" " + since + model.problem + " ",
             {.colour = Colour::kRed, .bold = true, .reverse = true}}
        };
    }
    const auto age = look.now - model.taken;
    if (!model.taken.is_never() && !model.is_paused && age > std::chrono::seconds(kStaleSeconds)) {
        return {{fmt::format(" no answer for {} ", age_text(model, look)), kFair}};
    }
    return {};
}

// What only a person can do, one line each, and how many more there are.
int draw_needs(Canvas& canvas, const Model& model, const Look& look, int y, int lines) {
    const std::vector<Need>& needs = model.snapshot.needs;
    if (const auto trouble = trouble_of(model, look); !trouble.empty()) {
        draw_ends(canvas, y++, trouble, {});
        --lines;
    }
    if (model.taken.is_never()) {
        return y;
    }
    if (needs.empty() && lines > 0) {
        canvas.put(0, y++, "nothing needs you", kGood);
        return y;
    }
    const std::string_view mark = glyphs_of(look).mark;
    for (std::size_t index = 0; index < needs.size() && lines > 0; ++index, --lines, ++y) {
        const Need& need = needs[index];
        const bool is_last = lines == 1 && index + 1 < needs.size();
        const std::string more =
            is_last ? fmt::format("  and {} more", needs.size() - index - 1) : std::string();
        const std::string command = "  " + need.command + more;
        const int room = look.size.width - terminal::columns_of(command) - 2;
        const std::string sign = need.is_urgent ? "! " : "- ";
        if (room >= 20) {
            draw_ends(
                canvas, y,
                {{sign + terminal::cut_to(need.what, room, mark), need.is_urgent ? kBad : kFair}},
                {{command, kStrong}}
            );
        } else {
            canvas.put(
                0, y, terminal::cut_to(sign + need.what, look.size.width, mark),
                need.is_urgent ? kBad : kFair
            );
        }
    }
    return y;
}

void draw_pane(Canvas& canvas, const Model& model, const Look& look, const Slot& slot) {
    const Glyphs& glyphs = glyphs_of(look);
    const bool has_focus = slot.pane == model.focus;
    const Style style = has_focus ? kFocus : kStrong;
    canvas.fill(0, slot.y, look.size.width, glyphs.line, kQuiet);
    const int x = canvas.put(
        1, slot.y,
        fmt::format(
            " {}{} {} ", has_focus ? "> " : "", static_cast<int>(slot.pane) + 1, name_of(slot.pane)
        ),
        style
    );
    if (const std::string note = remark(model, slot.pane); !note.empty()) {
        (void)canvas.put(x, slot.y, note + " ", kQuiet);
    }
    Table table = table_of(model, slot.pane, look.unicode);
    const int rows = slot.height - 2;
    if (table.rows.empty()) {
        if (slot.height > 1) {
            canvas.put(2, slot.y + 1, empty_text(model, slot.pane), kQuiet);
        }
        return;
    }
    const std::size_t selected = model.selected[static_cast<std::size_t>(slot.pane)];
    table.first = first_row(selected, table.rows.size(), rows);
    if (table.rows.size() > static_cast<std::size_t>(std::max(rows, 0))) {
        const std::string place = fmt::format(" {} of {} ", selected + 1, table.rows.size());
        canvas.put(look.size.width - terminal::columns_of(place) - 1, slot.y, place, kQuiet);
    }
    draw(
        canvas, table,
        {.x = 1, .y = slot.y + 1, .width = look.size.width - 2, .height = slot.height - 1},
        glyphs.mark
    );
}

void draw_footer(Canvas& canvas, const Model& model, const Look& look) {
    const int y = look.size.height - 1;
    if (model.is_typing) {
        const int x = canvas.put(0, y, "/" + model.filter, kStrong);
        canvas.put(x, y, " ", {.reverse = true});
        canvas.put(x + 2, y, "Enter keeps it, Esc shows all", kQuiet);
        return;
    }
    const std::string filter =
        model.filter.empty() ? "" : fmt::format("only '{}' (Esc: all)", model.filter);
    const std::string keys = look.size.width >= 76
                                 ? "q quit  tab pane  arrows row  enter detail  s sort  / filter  "
                                   "p pause  ? help"
                                 : "q quit  tab pane  / filter  ? help";
    draw_ends(canvas, y, {{filter.empty() ? keys : filter, filter.empty() ? kQuiet : kFair}}, {});
}

int needs_lines(const Model& model, const Look& look) {
    if (look.size.height < 10) {
        return 1;
    }
    const int wanted =
        static_cast<int>(model.snapshot.needs.size()) + (trouble_of(model, look).empty() ? 0 : 1);
    return std::clamp(wanted, 1, look.size.height >= 30 ? 5 : 3);
}

std::vector<Slot> slots_of(const Model& model, const Look& look) {
    std::array<std::size_t, kPaneCount> counts{};
    for (std::size_t pane = 0; pane < kPaneCount; ++pane) {
        counts[pane] = rows_of(model, static_cast<Pane>(pane)).size();
    }
    const int top = 1 + needs_lines(model, look);
    return share({
        .y = top,
        .height = look.size.height - top - 1,
        .counts = counts,
        .focus = model.focus,
        .is_zoomed = model.is_zoomed,
    });
}

}  // namespace

Canvas render(const Model& model, const Look& given) {
    Canvas canvas(given.size);
    Look look = given;
    look.size = canvas.size();
    draw_header(canvas, model, look);
    (void)draw_needs(canvas, model, look, 1, needs_lines(model, look));
    if (!model.taken.is_never()) {
        for (const Slot& slot : slots_of(model, look)) {
            draw_pane(canvas, model, look, slot);
        }
    } else if (model.problem.empty()) {
        canvas.put(0, 1, "asking the node ...", kQuiet);
    }
    draw_footer(canvas, model, look);
    draw_overlay(canvas, model, look.unicode);
    return canvas;
}

std::size_t page_of(const Model& model, const Look& look) {
    for (const Slot& slot : slots_of(model, look)) {
        if (slot.pane == model.focus) {
            return static_cast<std::size_t>(std::max(slot.height - 2, 1));
        }
    }
    return 1;
}

}  // namespace phantom::top
