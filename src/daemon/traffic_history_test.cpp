#include "daemon/traffic_history.h"

#include <gtest/gtest.h>

namespace phantom::daemon {
namespace {

namespace json = boost::json;

constexpr Instant kBegin{1'000'000'000};

struct Clock {
    Instant now = kBegin;
    WallTime wall{1'800'000'000'000'000'000};
};

void look(
    TrafficHistory& history, Clock& clock, std::vector<TrafficHistory::Reading> peers, int steps = 1
) {
    clock.now = clock.now + steps * kHistoryStep;
    clock.wall.ns += (steps * kHistoryStep).count();
    ASSERT_TRUE(history.is_due(clock.now));
    history.read(clock.now, clock.wall, peers);
}

json::object of(const TrafficHistory& history, const char* peer = "", const char* span = "hour") {
    return history.answer({{"verb", "history"}, {"peer", peer}, {"span", span}});
}

std::string text(const json::object& answer, const char* field) {
    std::string all;
    for (const json::value& each : answer.at(field).as_array()) {
        all += each.is_null() ? "- " : std::to_string(each.to_number<long>()) + " ";
    }
    return all;
}

TrafficHistory::Reading peer(
    std::string name, std::uint64_t received, std::optional<double> rtt_ms = 2, bool linked = true
) {
    return {
        .name = std::move(name),
        .linked = linked,
        .received_bytes = received,
        .sent_bytes = received / 3,
        .rtt_ms = rtt_ms,
        .loss = 0.5
    };
}

TEST(TrafficHistory, has_what_a_second_brought_of_each_and_of_all) {
    TrafficHistory history;
    Clock clock;
    look(history, clock, {peer("a", 1'000'000), peer("b", 0)});
    EXPECT_EQ(text(of(history), "received"), "") << "nothing to compare with yet";
    look(history, clock, {peer("a", 1'000'000 + 15 * 300, 4), peer("b", 15 * 600, 8)});
    look(history, clock, {peer("a", 1'000'000 + 15 * 300, {}), peer("b", 15 * 900, 9)});
    EXPECT_EQ(text(of(history), "received"), "900 300 ");
    EXPECT_EQ(text(of(history, "a"), "received"), "300 0 ");
    EXPECT_EQ(text(of(history, "a"), "rtt_ms"), "4 - ");
    EXPECT_EQ(text(of(history, "b"), "sent"), "200 100 ");
    EXPECT_EQ(of(history).at("step_s").to_number<int>(), 15);
    EXPECT_DOUBLE_EQ(of(history).at("loss").as_array()[0].as_double(), 0.5);
}

TEST(TrafficHistory, knows_no_peer_that_has_left_or_never_had_a_link) {
    TrafficHistory history;
    Clock clock;
    for (int round = 0; round < 3; ++round) {
        look(history, clock, {peer("a", 0), peer("idle", 0, {}, false)});
    }
    EXPECT_TRUE(of(history, "a").contains("received"));
    EXPECT_TRUE(of(history, "idle").contains("error"));
    look(history, clock, {});
    EXPECT_TRUE(of(history, "a").contains("error"));
    EXPECT_EQ(text(of(history), "rtt_ms"), "2 2 - ");
}

TEST(TrafficHistory, counters_that_begin_anew_are_no_traffic) {
    TrafficHistory history;
    Clock clock;
    look(history, clock, {peer("a", 5'000)});
    look(history, clock, {peer("a", 10)});
    look(history, clock, {peer("a", 160)});
    EXPECT_EQ(text(of(history), "received"), "0 10 ");
}

TEST(TrafficHistory, what_was_slept_through_has_no_values) {
    TrafficHistory history;
    Clock clock;
    look(history, clock, {peer("a", 0)});
    look(history, clock, {peer("a", 15)});
    look(history, clock, {peer("a", 15 + 45)}, 3);
    EXPECT_EQ(text(of(history), "received"), "1 - - 1 ");
    EXPECT_EQ(text(of(history, "a"), "rtt_ms"), "2 - - 2 ");
}

TEST(TrafficHistory, keeps_an_hour_finely_and_a_day_coarsely) {
    TrafficHistory history;
    Clock clock;
    std::uint64_t received = 0;
    const auto samples = kHistorySamples * kHistoryCoarse;
    for (std::size_t round = 0; round < samples + 100; ++round) {
        look(history, clock, {peer("a", received += round < samples / 2 ? 15 : 150)});
    }
    EXPECT_EQ(of(history).at("received").as_array().size(), kHistorySamples);
    const json::object day = of(history, "", "day");
    const json::array& coarse = day.at("received").as_array();
    EXPECT_EQ(coarse.size(), kHistorySamples);
    EXPECT_EQ(coarse.front().to_number<int>(), 1);
    EXPECT_EQ(coarse.back().to_number<int>(), 10);
    EXPECT_EQ(day.at("step_s").to_number<int>(), 360);
}

TEST(TrafficHistory, has_no_more_tracks_than_it_may_and_counts_the_rest) {
    TrafficHistory history;
    Clock clock;
    for (std::uint64_t round = 0; round < 3; ++round) {
        std::vector<TrafficHistory::Reading> peers;
        for (std::size_t index = 0; index < kHistoryPeers + 10; ++index) {
            peers.push_back(peer("p" + std::to_string(1000 + index), 15 * round));
        }
        look(history, clock, peers);
    }
    EXPECT_EQ(text(of(history), "received"), "266 266 ");
    EXPECT_TRUE(of(history, "p1000").contains("received"));
    EXPECT_TRUE(of(history, "p1265").contains("error"));
}

TEST(TrafficHistory, of_a_member_without_samples_there_is_nothing_and_of_a_stranger_an_error) {
    const TrafficHistory history;
    const json::object asked{{"verb", "history"}, {"peer", "birch"}, {"span", "hour"}};
    EXPECT_TRUE(history.answer(asked).contains("error"));
    const json::object none = history.answer(asked, true);
    EXPECT_EQ(none.at("received").as_array().size(), 0U);
    EXPECT_EQ(none.at("peer"), "birch");
}

}  // namespace
}  // namespace phantom::daemon
