#include "top/view.h"

#include <gtest/gtest.h>

#include "top/layout.h"
#include "top/overlay.h"
#include "top/table.h"
#include "top/top_fixture.h"
#include "top/words.h"

namespace phantom::top {
namespace {

Look look(int width, int height, bool unicode = false) {
    return {
        .size = {.width = width, .height = height},
        .now = kBegin + std::chrono::seconds(1),
        .clock = "12:31:07",
        .unicode = unicode,
    };
}

std::string frame(const Model& model, int width, int height) {
    return render(model, look(width, height)).text();
}

TEST(View, draws_a_whole_frame) {
    EXPECT_EQ(
        frame(model_under_attack(), 100, 30),
        R"(amber in mesh 5e8c21c04d9b7f3a | in 0  out 0 | defence act                                  12:31:07
! isolation of birch waits for a yes or no                                 phantom actions approve 6
! P2 alert 3: scans ports: 412 of amber in 8 s                                         phantom ack 3
- 1 member has no post-quantum keys yet                                               phantom status
- > 1 Peers 2 of 3 online, by name -----------------------------------------------------------------
 NAME      PATH         RTT   LOSS  KEYS                IN       OUT    TRAFFIC  BY WAY OF
 birch     direct   11.4 ms    0 %  post-quantum         0         0             198.51.100.7:51820
 cedar     relay    48.0 ms   12 %  agreeing             0         0             by birch
 dogwood   offline        -      -  -                    0         0             -
- 2 Alerts 1 that nobody has taken -----------------------------------------------------------------
  NO  PRIO  RISK  STATE         LAST      TIMES  WHO          ACTION  WHAT
   3  P2     7.4  firing        01:32:27      9  birch             5  scans ports: 412 of amber in~
   1  P4     3.1  acknowledged  01:00:00      1  203.0.113.9       -  an old thing
- 3 Incidents 1 open -------------------------------------------------------------------------------
  NO  PRIO  RISK  STATE        OPENED    ALERTS  WHO          WHAT
   2  P2     7.4  containment  01:32:27       1  birch        port scan by birch
   1  P4     3.1  closed       01:00:00       1  203.0.113.9  an old thing
- 4 Actions 2 in force or waiting ------------------------------------------------------------------
  NO  STATE     KIND       TARGET        LEFT    REASON
   5  active    firewall   100.65.241.7  59m00s  port scan
   6  proposed  isolation  birch         1h00m   port scan








q quit  tab pane  arrows row  enter detail  s sort  / filter  p pause  ? help
)"
    );
}

TEST(View, shows_rates_of_the_time_between_two_looks) {
    Model model = model_under_attack();
    Answers later = answers_under_attack();
    later.status.at("peers").as_array()[0].as_object()["received_bytes"] = 1'000 + 4'800'000;
    take(model, read_snapshot(later), kBegin + std::chrono::seconds(4));
    const std::string text = frame(model, 120, 30);
    EXPECT_NE(text.find("in 1.2 MB/s  out 0"), std::string::npos) << text;
    const std::size_t row = text.find("\n birch ") + 1;
    EXPECT_NE(text.substr(row, text.find('\n', row) - row).find("1.2 MB/s"), std::string::npos);
    EXPECT_NE(render(model, look(120, 30, true)).text().find("█"), std::string::npos);
}

TEST(View, always_has_room_for_the_command_that_helps) {
    Answers answers = answers_under_attack();
    answers.alerts.at("alerts").as_array()[1].as_object()["text"] = std::string(200, 'x');
    Model model;
    take(model, read_snapshot(answers), kBegin);
    const std::string text = frame(model, 100, 30);
    EXPECT_NE(text.find("xxx~  phantom ack 3\n"), std::string::npos) << text;
}

TEST(View, leaves_out_columns_on_a_narrow_terminal) {
    const std::string text = frame(model_under_attack(), 40, 24);
    EXPECT_NE(text.find("birch     direct   11.4 ms"), std::string::npos) << text;
    EXPECT_EQ(text.find("BY WAY OF"), std::string::npos);
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text.find('\n', at);
        EXPECT_LE(end - at, 40U);
        at = end + 1;
    }
}

TEST(View, shows_the_pane_in_focus_alone_on_a_low_terminal) {
    Model model = model_under_attack();
    std::string text = frame(model, 80, 12);
    EXPECT_NE(text.find("1 Peers"), std::string::npos) << text;
    EXPECT_EQ(text.find("2 Alerts"), std::string::npos);
    (void)press(model, letter(U'4'), 1);
    text = frame(model, 80, 12);
    EXPECT_NE(text.find("4 Actions"), std::string::npos);
    EXPECT_NE(text.find("isolation"), std::string::npos);
}

TEST(View, is_drawn_on_any_terminal) {
    Model model = model_under_attack();
    for (const Overlay overlay : {Overlay::kNone, Overlay::kHelp, Overlay::kDetail}) {
        model.overlay = overlay;
        for (int width = 1; width <= 120; width += 7) {
            for (int height = 1; height <= 50; height += 3) {
                const auto canvas = render(model, look(width, height, true));
                EXPECT_EQ(canvas.size(), (terminal::Size{width, height}));
                EXPECT_GE(page_of(model, look(width, height)), 1U);
            }
        }
    }
}

TEST(View, says_that_the_node_does_not_answer) {
    Model model;
    EXPECT_NE(frame(model, 80, 24).find("asking the node"), std::string::npos);
    lose(model, "the node does not run any more");
    EXPECT_NE(frame(model, 80, 24).find("the node does not run any more"), std::string::npos);
    model = model_under_attack();
    lose(model, "the node does not run any more");
    const std::string text = frame(model, 100, 24);
    EXPECT_NE(text.find("as it was 1s ago; the node does not run"), std::string::npos) << text;
    EXPECT_NE(text.find("birch"), std::string::npos) << "what was known stays";
}

TEST(View, says_when_nothing_needs_anybody) {
    Answers answers = answers_under_attack();
    answers.alerts = {};
    answers.actions = {};
    answers.status.at("peers").as_array().clear();
    Model model;
    take(model, read_snapshot(answers), kBegin);
    const std::string text = frame(model, 80, 24);
    EXPECT_NE(text.find("nothing needs you"), std::string::npos);
    EXPECT_NE(text.find("phantom token create"), std::string::npos);
}

TEST(View, never_relies_on_colour) {
    // What is drawn red says so in words, too: the frame is the same without a colour.
    const std::string text = frame(model_under_attack(), 100, 30);
    for (const char* word : {"offline", "firing", "proposed", "agreeing", "! "}) {
        EXPECT_NE(text.find(word), std::string::npos) << word;
    }
}

TEST(View, shows_a_row_in_full) {
    Model model = model_under_attack();
    (void)press(model, letter(U'2'), 5);
    (void)press(model, {.kind = terminal::Key::Kind::kEnter}, 5);
    const std::string text = frame(model, 100, 30);
    EXPECT_NE(text.find(" Alert 3 "), std::string::npos) << text;
    EXPECT_NE(text.find("phantom ack 3; phantom alerts 3"), std::string::npos);
    EXPECT_NE(text.find("behaviour:port-scan, T1046"), std::string::npos);
}

TEST(View, draws_in_ascii_where_that_is_all_there_is) {
    Model model = model_under_attack();
    model.overlay = Overlay::kHelp;
    for (const char each : frame(model, 100, 30)) {
        EXPECT_TRUE(each == '\n' || (each >= ' ' && each <= '~'));
    }
}

TEST(Table, lets_columns_leave_by_their_rank) {
    const Table table{
        .columns =
            {
                {.title = "A", .least = 4},
                {.title = "B", .rank = 1, .least = 4},
                {.title = "C", .rank = 2, .grows = true, .least = 4},
            },
        .rows = {{{"a", {}}, {"bbbbbb", {}}, {"a long text", {}}}},
    };
    EXPECT_EQ(column_widths(table, 30), (std::vector{4, 6, 16}));
    EXPECT_EQ(column_widths(table, 18), (std::vector{4, 6, 4}));
    EXPECT_EQ(column_widths(table, 17), (std::vector{4, 6, 0}));
    EXPECT_EQ(column_widths(table, 11), (std::vector{4, 0, 0}));
    EXPECT_EQ(column_widths(table, 1), (std::vector{4, 0, 0})) << "one stays whatever happens";
}

TEST(Table, cuts_texts_at_their_end_and_bars_at_their_beginning) {
    const Table table{
        .columns =
            {{.title = "T", .grows = true, .least = 4}, {.title = "B", .is_right = true, .least = 2}
            },
        .rows = {{{"abcdefgh", {}}, {"12", {}}}},
    };
    terminal::Canvas canvas({.width = 8, .height = 2});
    draw(canvas, table, {.x = 0, .y = 0, .width = 8, .height = 2}, "~");
    EXPECT_EQ(canvas.text(), "T      B\nabc~  12\n");
}

TEST(Layout, gives_each_pane_what_it_needs_and_the_rest_to_the_one_in_focus) {
    const auto slots = share(
        {.y = 4, .height = 30, .counts = {50, 0, 3, 1}, .focus = Pane::kPeers, .is_zoomed = false}
    );
    ASSERT_EQ(slots.size(), kPaneCount);
    EXPECT_EQ(slots[0].y, 4);
    EXPECT_EQ(slots[1].height, 2);
    EXPECT_EQ(slots[3].height, 3);
    EXPECT_EQ(slots[0].height + slots[1].height + slots[2].height + slots[3].height, 30);
    EXPECT_GE(slots[0].height, 20);
    EXPECT_EQ(share({.height = 8, .counts = {9, 9, 9, 9}, .focus = Pane::kActions}).size(), 1U);
}

TEST(Layout, keeps_the_selected_row_in_sight) {
    EXPECT_EQ(first_row(0, 100, 10), 0U);
    EXPECT_EQ(first_row(9, 100, 10), 0U);
    EXPECT_EQ(first_row(10, 100, 10), 1U);
    EXPECT_EQ(first_row(99, 100, 10), 90U);
    EXPECT_EQ(first_row(2, 3, 10), 0U);
    EXPECT_EQ(first_row(5, 10, -3), 5U);
}

TEST(Wrapped, cuts_at_spaces_and_loses_nothing) {
    EXPECT_EQ(wrapped("one two three", 8), (std::vector<std::string>{"one two", "three"}));
    EXPECT_EQ(wrapped("abcdefghij", 4), (std::vector<std::string>{"abcd", "efgh", "ij"}));
    EXPECT_TRUE(wrapped("", 10).empty());
}

TEST(Words, stay_narrow) {
    EXPECT_EQ(rate_text(0.4), "0");
    EXPECT_EQ(rate_text(999), "999 B/s");
    EXPECT_EQ(rate_text(999.6), "1.0 kB/s");
    EXPECT_EQ(rate_text(9'940), "9.9 kB/s");
    EXPECT_EQ(rate_text(9'960), "10 kB/s");
    EXPECT_EQ(rate_text(340'000), "340 kB/s");
    EXPECT_EQ(rate_text(1.25e9), "1.2 GB/s");
    EXPECT_EQ(rtt_text(0.314), "0.31 ms");
    EXPECT_EQ(rtt_text(11.42), "11.4 ms");
    EXPECT_EQ(rtt_text(148.6), "149 ms");
    EXPECT_EQ(rtt_text(1'204), "1.20 s");
    EXPECT_EQ(span_text(59), "59s");
    EXPECT_EQ(span_text(3'599), "59m59s");
    EXPECT_EQ(span_text(90'000), "1d01h");
    EXPECT_EQ(tenths_text(74), "7.4");
    EXPECT_EQ(clock_text("2026-11-23T01:32:27Z"), "01:32:27");
    EXPECT_EQ(clock_text(""), "");
}

}  // namespace
}  // namespace phantom::top
