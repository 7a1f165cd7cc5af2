#include "top/model.h"

#include <gtest/gtest.h>

#include "top/top_fixture.h"

namespace phantom::top {
namespace {

using terminal::Key;
using Kind = Key::Kind;

std::vector<std::string> peer_names(const Model& model) {
    std::vector<std::string> names;
    for (const std::size_t index : rows_of(model, Pane::kPeers)) {
        names.push_back(model.snapshot.peers[index].name);
    }
    return names;
}

void press_all(Model& model, std::string_view letters) {
    for (const char each : letters) {
        (void)press(model, letter(static_cast<char32_t>(each)), 5);
    }
}

TEST(Snapshot, puts_first_what_somebody_has_to_do) {
    const Snapshot snapshot = read_snapshot(answers_under_attack());
    ASSERT_EQ(snapshot.needs.size(), 3U);
    EXPECT_EQ(
        snapshot.needs[0],
        (Need{"isolation of birch waits for a yes or no", "phantom actions approve 6", true})
    );
    EXPECT_EQ(snapshot.needs[1].command, "phantom ack 3");
    EXPECT_EQ(snapshot.alerts[0].number, 3U) << "what is open is before what is not";
    EXPECT_EQ(snapshot.incidents[0].number, 2U);
}

TEST(Snapshot, reads_what_an_older_daemon_does_not_say) {
    const Snapshot snapshot = read_snapshot({});
    EXPECT_TRUE(snapshot.peers.empty() && snapshot.needs.empty());
    Answers odd;
    odd.status =
        boost::json::parse(R"({"self": 7, "peers": [1, null, {}, {"name": 3}]})").as_object();
    EXPECT_EQ(read_snapshot(odd).peers.size(), 2U);
}

TEST(Snapshot, shows_nothing_that_a_terminal_would_obey) {
    Answers answers = answers_under_attack();
    answers.alerts.at("alerts").as_array()[1].as_object()["text"] = "x\x1b[2Jy\n";
    EXPECT_EQ(read_snapshot(answers).alerts[0].what, "x?[2Jy?");
}

TEST(Model, keeps_a_bounded_history_of_who_is_there) {
    Model model = model_under_attack();
    Answers answers = answers_under_attack();
    for (std::size_t second = 1; second <= kHistoryMax + 10; ++second) {
        answers.status.at("peers").as_array()[0].as_object()["sent_bytes"] = 500 + 1'000 * second;
        take(model, read_snapshot(answers), kBegin + std::chrono::seconds(second));
    }
    EXPECT_EQ(model.traffic.at("birch").history.size(), kHistoryMax);
    EXPECT_DOUBLE_EQ(model.traffic.at("birch").out, 1'000);
    EXPECT_EQ(model.total.history.size(), kHistoryMax);
    answers.status.at("peers").as_array().clear();
    take(model, read_snapshot(answers), kBegin + std::chrono::seconds(1'000));
    EXPECT_TRUE(model.traffic.empty());
}

TEST(Model, takes_a_counter_that_begins_anew_for_no_traffic) {
    Model model = model_under_attack();
    Answers answers = answers_under_attack();
    answers.status.at("peers").as_array()[0].as_object()["received_bytes"] = 1;
    take(model, read_snapshot(answers), kBegin + std::chrono::seconds(1));
    EXPECT_EQ(model.traffic.at("birch").in, 0);
}

TEST(Model, does_not_move_while_it_is_paused) {
    Model model = model_under_attack();
    press_all(model, "p");
    take(model, Snapshot{}, kBegin + std::chrono::seconds(1));
    EXPECT_EQ(model.snapshot.name, "amber");
    press_all(model, "p");
    take(model, Snapshot{}, kBegin + std::chrono::seconds(2));
    EXPECT_EQ(model.snapshot.name, "");
}

TEST(Model, sorts_peers_each_way) {
    Model model = model_under_attack();
    using Names = std::vector<std::string>;
    EXPECT_EQ(peer_names(model), (Names{"birch", "cedar", "dogwood"}));
    press_all(model, "r");
    EXPECT_EQ(peer_names(model), (Names{"dogwood", "cedar", "birch"}));
    press_all(model, "rsss");  // by loss: the worst first
    EXPECT_EQ(model.order, PeerOrder::kLoss);
    EXPECT_EQ(peer_names(model), (Names{"cedar", "birch", "dogwood"}));
}

TEST(Model, filters_all_panes_and_keeps_the_selection_inside) {
    Model model = model_under_attack();
    (void)press(model, {.kind = Kind::kEnd}, 5);
    EXPECT_EQ(model.selected[0], 2U);
    press_all(model, "/BIRCHq");
    EXPECT_TRUE(model.is_typing) << "a letter is a letter there";
    (void)press(model, {.kind = Kind::kBackspace}, 5);
    (void)press(model, {.kind = Kind::kEnter}, 5);
    EXPECT_EQ(model.filter, "birch");
    EXPECT_EQ(peer_names(model), (std::vector<std::string>{"birch", "cedar"})) << "by way of it";
    EXPECT_EQ(rows_of(model, Pane::kAlerts).size(), 1U);
    EXPECT_EQ(model.selected[0], 0U) << "there was no row at all for a moment";
    (void)press(model, {.kind = Kind::kEscape}, 5);
    EXPECT_EQ(peer_names(model).size(), 3U);
    press_all(model, "/" + std::string(2 * kFilterSizeMax, 'x'));
    EXPECT_EQ(model.filter.size(), kFilterSizeMax);
}

TEST(Model, moves_and_never_leaves_the_list) {
    Model model = model_under_attack();
    (void)press(model, {.kind = Kind::kUp}, 5);
    EXPECT_EQ(model.selected[0], 0U);
    (void)press(model, {.kind = Kind::kPageDown}, 2);
    EXPECT_EQ(model.selected[0], 2U);
    (void)press(model, {.kind = Kind::kDown}, 5);
    EXPECT_EQ(model.selected[0], 2U);
    (void)press(model, {.kind = Kind::kBackTab}, 5);
    EXPECT_EQ(model.focus, Pane::kActions);
    (void)press(model, {.kind = Kind::kTab}, 5);
    EXPECT_EQ(model.focus, Pane::kPeers);
    take(model, Snapshot{}, kBegin + std::chrono::seconds(1));
    EXPECT_EQ(model.selected[0], 0U);
}

TEST(Model, ends_on_q_and_on_ctrl_c) {
    Model model = model_under_attack();
    EXPECT_EQ(press(model, letter(U'q'), 5), Wish::kQuit);
    press_all(model, "/");
    EXPECT_EQ(press(model, letter(U'q'), 5), Wish::kStay);
    EXPECT_EQ(press(model, {.kind = Kind::kInterrupt}, 5), Wish::kQuit);
    EXPECT_EQ(press(model, {.kind = Kind::kSuspend}, 5), Wish::kSuspend);
    EXPECT_EQ(press(model, {.kind = Kind::kRedraw}, 5), Wish::kRedraw);
}

TEST(Model, closes_the_innermost_first) {
    Model model = model_under_attack();
    model.filter = "birch";
    model.is_zoomed = true;
    model.overlay = Overlay::kHelp;
    (void)press(model, {.kind = Kind::kEscape}, 5);
    EXPECT_EQ(model.overlay, Overlay::kNone);
    EXPECT_EQ(model.filter, "birch");
    (void)press(model, {.kind = Kind::kEscape}, 5);
    EXPECT_TRUE(model.is_zoomed);
    (void)press(model, {.kind = Kind::kEscape}, 5);
    EXPECT_FALSE(model.is_zoomed);
}

}  // namespace
}  // namespace phantom::top
