#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "terminal/canvas.h"
#include "terminal/keys.h"
#include "terminal/painter.h"
#include "terminal/sparkline.h"

namespace phantom::terminal {
namespace {

using Kind = Key::Kind;

TEST(Canvas, draws_nothing_outside_of_itself) {
    Canvas canvas({.width = 4, .height = 2});
    canvas.put(2, 0, "abc");
    canvas.put(-1, 1, "xyz");
    canvas.put(0, 2, "under");
    canvas.put(0, -1, "above");
    canvas.fill(3, 1, 10, U'-');
    EXPECT_EQ(canvas.text(), "  ab\nyz -\n");
}

TEST(Canvas, counts_a_column_for_each_character) {
    Canvas canvas({.width = 8, .height = 1});
    EXPECT_EQ(canvas.put(0, 0, "▁█→"), 3);
    EXPECT_EQ(canvas.text(), "▁█→\n");
    EXPECT_EQ(columns_of("a→b"), 3);
}

TEST(Canvas, shows_nothing_that_moves_a_cursor) {
    Canvas canvas({.width = 8, .height = 1});
    canvas.put(0, 0, "a\x1b[2Jb\n");
    EXPECT_EQ(canvas.text(), "a?[2Jb?\n");
    Canvas broken({.width = 4, .height = 1});
    broken.put(0, 0, "\xff\xc3");
    EXPECT_EQ(broken.text(), "\xef\xbf\xbd\xef\xbf\xbd\n");
}

TEST(Canvas, has_a_size_whatever_it_is_told) {
    EXPECT_EQ(Canvas({.width = 0, .height = -3}).size(), (Size{1, 1}));
    EXPECT_EQ(Canvas({.width = 99'999, .height = 99'999}).size(), (Size{kWidthMax, kHeightMax}));
}

TEST(CutTo, marks_what_it_leaves_out) {
    EXPECT_EQ(cut_to("abcdef", 6, "~"), "abcdef");
    EXPECT_EQ(cut_to("abcdef", 4, "…"), "abc…");
    EXPECT_EQ(cut_to("abcdef", 1, "~"), "~");
    EXPECT_EQ(cut_to("abcdef", 0, "~"), "");
}

TEST(Sparkline, has_the_newest_at_the_right) {
    const std::vector<double> values{0, 1, 4, 8};
    EXPECT_EQ(sparkline(values, 6, 8, true), "   ▂▅█");
    EXPECT_EQ(sparkline(values, 2, 8, true), "▅█");
    EXPECT_EQ(sparkline(values, 4, 4, false), " :##");
    EXPECT_EQ(sparkline({}, 3, 1, true), "   ");
    EXPECT_EQ(sparkline(values, 0, 1, true), "");
}

// What a terminal would show: just enough of one for what paint() says.
class Shown {
  public:
    explicit Shown(Size size) : canvas_(size) {}

    void hear(std::string_view text) {
        while (!text.empty()) {
            if (text.starts_with("\x1b[")) {
                const std::size_t end = text.find_first_of("HJhlm");
                obey(text.substr(2, end - 2), text[end]);
                text.remove_prefix(end + 1);
            } else {
                std::string glyph;
                append_character(glyph, take_character(text));
                canvas_.put(x_++, y_, glyph);
                ++glyphs_;
            }
        }
    }
    [[nodiscard]] std::string text() const { return canvas_.text(); }
    [[nodiscard]] int glyphs() const { return glyphs_; }

  private:
    void obey(std::string_view parameters, char command) {
        if (command == 'H') {
            y_ = std::atoi(std::string(parameters).c_str()) - 1;
            x_ = std::atoi(std::string(parameters.substr(parameters.find(';') + 1)).c_str()) - 1;
        } else if (command == 'J') {
            canvas_ = Canvas(canvas_.size());
        }
    }

    Canvas canvas_;
    int x_ = 0;
    int y_ = 0;
    int glyphs_ = 0;
};

TEST(Paint, sends_nothing_where_nothing_differs) {
    Canvas canvas({.width = 10, .height = 2});
    canvas.put(0, 0, "same");
    EXPECT_EQ(paint(&canvas, canvas, true), "");
    EXPECT_NE(paint(nullptr, canvas, true), "");
}

TEST(Paint, sends_only_what_differs) {
    Canvas before({.width = 20, .height = 2});
    before.put(0, 0, "rtt 11.4 ms");
    Canvas after = before;
    after.put(4, 0, "12");
    const std::string sent = paint(&before, after, true);
    EXPECT_NE(sent.find("\x1b[1;6H"), std::string::npos) << "only the second digit";
    EXPECT_EQ(sent.find("rtt"), std::string::npos);
    EXPECT_EQ(sent.find("\x1b[2J"), std::string::npos) << "a screen that is cleared flickers";
}

TEST(Paint, uses_no_colour_where_none_is_wanted) {
    Canvas canvas({.width = 4, .height = 1});
    canvas.put(0, 0, "red", {.colour = Colour::kRed, .bold = true});
    EXPECT_NE(paint(nullptr, canvas, true).find(";31"), std::string::npos);
    const std::string plain = paint(nullptr, canvas, false);
    EXPECT_EQ(plain.find("31"), std::string::npos);
    EXPECT_NE(plain.find("\x1b[0;1m"), std::string::npos) << "bold is no colour";
}

RC_GTEST_PROP(Paint, leads_from_any_canvas_to_any_other, ()) {
    const Size size{.width = *rc::gen::inRange(1, 12), .height = *rc::gen::inRange(1, 5)};
    const auto drawn = [&size] {
        Canvas canvas(size);
        for (int row = 0; row < size.height; ++row) {
            canvas.put(
                *rc::gen::inRange(0, 6), row,
                *rc::gen::container<std::string>(rc::gen::inRange('a', 'd'))
            );
        }
        return canvas;
    };
    const Canvas first = drawn();
    const Canvas second = drawn();
    Shown shown(size);
    shown.hear(paint(nullptr, first, true));
    RC_ASSERT(shown.text() == first.text());
    shown.hear(paint(&first, second, true));
    RC_ASSERT(shown.text() == second.text());
}

std::vector<Kind> kinds_of(const std::vector<Key>& keys) {
    std::vector<Kind> kinds;
    for (const Key& key : keys) {
        kinds.push_back(key.kind);
    }
    return kinds;
}

TEST(KeyReader, knows_what_terminals_send) {
    KeyReader reader;
    EXPECT_EQ(
        kinds_of(reader.feed("\x1b[A\x1bOB\x1b[5~\x1b[6~\x1b[Z\x1b[1;5C\t\r\x7f\x03")),
        (std::vector{
            Kind::kUp, Kind::kDown, Kind::kPageUp, Kind::kPageDown, Kind::kBackTab, Kind::kRight,
            Kind::kTab, Kind::kEnter, Kind::kBackspace, Kind::kInterrupt
        })
    );
    EXPECT_EQ(reader.feed("q"), (std::vector<Key>{{.character = U'q'}}));
    EXPECT_EQ(reader.feed("ä"), (std::vector<Key>{{.character = U'ä'}}));
}

TEST(KeyReader, puts_together_what_comes_in_pieces) {
    KeyReader reader;
    EXPECT_TRUE(reader.feed("\x1b").empty());
    EXPECT_TRUE(reader.is_pending());
    EXPECT_TRUE(reader.feed("[").empty());
    EXPECT_EQ(kinds_of(reader.feed("A")), std::vector{Kind::kUp});
    EXPECT_FALSE(reader.is_pending());
}

TEST(KeyReader, tells_the_escape_key_from_a_sequence) {
    KeyReader reader;
    EXPECT_TRUE(reader.feed("\x1b").empty());
    EXPECT_EQ(kinds_of(reader.settle()), std::vector{Kind::kEscape});
    EXPECT_EQ(kinds_of(reader.feed("\x1b\x1b[A")), (std::vector{Kind::kEscape, Kind::kUp}));
}

TEST(KeyReader, loses_no_key_that_follows_escape_fast) {
    KeyReader reader;
    EXPECT_EQ(
        reader.feed("\x1bq"), (std::vector<Key>{{.kind = Kind::kEscape}, {.character = U'q'}})
    );
    EXPECT_FALSE(reader.is_pending());
}

TEST(KeyReader, drops_sequences_without_end) {
    KeyReader reader;
    const std::string flood = "\x1b[" + std::string(10 * kSequenceSizeMax, '1');
    (void)reader.feed(flood);
    EXPECT_EQ(reader.feed("~q").back(), (Key{.character = U'q'}));
}

}  // namespace
}  // namespace phantom::terminal
