#include "wireguard/path.h"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "wireguard/peer_timers.h"

namespace phantom::wireguard {

namespace {
constexpr Instant kPathStart{1'000'000'000};
}

class ActivityTest : public testing::Test {
  protected:
    // Before any timer is armed each of these may ask for one; these tests look at the questions.
    void sent(Duration at, bool data) { wants_timer = activity.on_sent(kPathStart + at, data); }
    void received(Duration at, bool data) {
        wants_timer = activity.on_received(kPathStart + at, data);
    }
    [[nodiscard]] TrafficDue due(Duration at) const {
        return evaluate_traffic(activity, timers, kPathStart + at);
    }

    Activity activity;
    PeerTimers timers;
    bool wants_timer = false;
};

// Checklist: the passive keepalive is timed from receipt.
TEST_F(ActivityTest, keepalive_is_due_10_s_after_data_was_received) {
    received(0s, true);
    EXPECT_TRUE(wants_timer);
    EXPECT_FALSE(due(10s - 1ns).keepalive);
    EXPECT_TRUE(due(10s).keepalive);
}

TEST_F(ActivityTest, keepalive_is_timed_from_the_first_data_received) {
    received(0s, true);
    received(9s, true);
    EXPECT_TRUE(due(10s).keepalive);
}

// Checklist: never answer a keepalive with a keepalive.
TEST_F(ActivityTest, received_keepalive_asks_for_nothing) {
    received(0s, false);
    EXPECT_FALSE(wants_timer);
    EXPECT_FALSE(due(3600s).keepalive);
    EXPECT_TRUE(due(3600s).look_again.is_never());
}

TEST_F(ActivityTest, anything_sent_answers_what_was_received) {
    received(0s, true);
    sent(1s, false);
    EXPECT_FALSE(due(20s).keepalive);
    received(2s, true);
    activity.on_handshake_sent(kPathStart + 3s);
    EXPECT_FALSE(due(20s).keepalive);
}

TEST_F(ActivityTest, another_keepalive_follows_when_more_data_came_meanwhile) {
    received(0s, true);
    received(4s, true);
    sent(10s, false);
    EXPECT_FALSE(due(20s - 1ns).keepalive);
    EXPECT_TRUE(due(20s).keepalive);
    sent(20s, false);
    EXPECT_FALSE(due(3600s).keepalive) << "only one more";
}

TEST_F(ActivityTest, no_other_keepalive_follows_when_data_answered) {
    received(0s, true);
    received(4s, true);
    sent(5s, true);
    EXPECT_FALSE(due(3600s).keepalive);
}

// Checklist: silence re-handshake 10 + 5 s + jitter after data was sent without answer.
TEST_F(ActivityTest, handshake_is_due_15_s_and_jitter_after_unanswered_data) {
    timers.silence_jitter = 200ms;
    sent(0s, true);
    EXPECT_TRUE(wants_timer);
    sent(14s, true);
    EXPECT_FALSE(due(15s + 200ms - 1ns).handshake);
    EXPECT_TRUE(due(15s + 200ms).handshake);
}

TEST_F(ActivityTest, sent_keepalive_expects_no_answer) {
    sent(0s, false);
    EXPECT_FALSE(wants_timer);
    EXPECT_FALSE(due(3600s).handshake);
}

TEST_F(ActivityTest, anything_authentic_answers_what_was_sent) {
    sent(0s, true);
    received(14s, false);
    EXPECT_FALSE(due(3600s).handshake);
    sent(20s, true);
    activity.on_handshake_received(kPathStart + 21s);
    EXPECT_FALSE(due(3600s).handshake);
}

TEST_F(ActivityTest, data_after_an_answer_is_timed_anew) {
    sent(0s, true);
    received(1s, false);
    sent(2s, true);
    EXPECT_FALSE(due(17s - 1ns).handshake);
    EXPECT_TRUE(due(17s).handshake);
}

TEST_F(ActivityTest, looks_again_soon_enough_for_anything_that_may_begin_meanwhile) {
    sent(0s, true);
    EXPECT_LE(due(0s).look_again, kPathStart + kKeepaliveTimeout);
    received(1s, true);
    EXPECT_LE(due(10s).look_again, kPathStart + 11s);
}

TEST_F(ActivityTest, keepalive_is_asked_for_once_per_question) {
    received(0s, true);
    const TrafficDue first = due(10s);
    ASSERT_TRUE(first.keepalive);
    timers.keepalive_sent_for_ns = first.received_ns;
    EXPECT_FALSE(due(11s).keepalive);
}

TEST_F(ActivityTest, asks_for_a_timer_only_when_none_is_armed) {
    activity.timers_armed = true;
    sent(0s, true);
    EXPECT_FALSE(wants_timer);
    activity.timers_armed = false;
    sent(1s, true);
    EXPECT_TRUE(wants_timer);
}

// Two threads, many rounds: a question that begins while the control thread lets the timer rest is
// seen by one side or the other. With weaker memory orders this loses one in some thousand rounds.
TEST(ActivityRace, resting_the_timer_never_loses_a_question) {
    for (int round = 0; round < 2'000; ++round) {
        Activity activity;
        PeerTimers timers;
        activity.timers_armed = true;
        bool shard_asks = false;
        bool control_sees = false;
        {
            const std::jthread shard([&] { shard_asks = activity.on_sent(kPathStart, true); });
            activity.timers_armed.store(false, std::memory_order_seq_cst);
            control_sees = !evaluate_traffic(activity, timers, kPathStart).look_again.is_never();
        }
        ASSERT_TRUE(shard_asks || control_sees) << "round " << round;
    }
}

// ---- Claims ----

TEST(PeerPathTest, event_is_claimed_once_until_cleared) {
    PeerPath path(1, 0);
    EXPECT_TRUE(path.claim(PathEvent::kActive));
    EXPECT_FALSE(path.claim(PathEvent::kActive));
    EXPECT_TRUE(path.claim(PathEvent::kRoamed)) << "events are claimed one by one";
    path.clear(PathEvent::kActive);
    EXPECT_TRUE(path.claim(PathEvent::kActive));
    EXPECT_FALSE(path.claim(PathEvent::kRoamed));
}

TEST(PeerPathTest, one_of_many_shards_wins_the_claim) {
    PeerPath path(1, 0);
    std::atomic<int> winners{0};
    {
        std::vector<std::jthread> shards;
        for (int shard = 0; shard < 4; ++shard) {
            shards.emplace_back([&] { winners += path.claim(PathEvent::kActive) ? 1 : 0; });
        }
    }
    EXPECT_EQ(winners, 1);
}

// ---- Where a shard sends ----

TEST(PeerPathTest, owner_answers_where_it_heard_the_peer_until_something_is_published) {
    constexpr std::uint32_t kOwner = 1;
    constexpr std::uint32_t kOther = 0;
    PeerPath path(1, kOwner);
    EXPECT_EQ(path.destination(kOwner), nullptr);
    const wire::Endpoint configured{*wire::SocketAddress::parse("192.0.2.1:1"), {}, 0};
    const wire::Endpoint heard{*wire::SocketAddress::parse("192.0.2.2:2"), {}, 0};
    path.publish_endpoint(&configured);
    path.hear_from(heard);
    EXPECT_EQ(*path.destination(kOwner), heard);
    EXPECT_EQ(path.destination(kOther), &configured);
    const wire::Endpoint published{*wire::SocketAddress::parse("192.0.2.3:3"), {}, 0};
    path.publish_endpoint(&published);
    EXPECT_EQ(path.destination(kOwner), &published);
}

// Endpoints come and go, and the allocator gives the same memory again.
TEST(PeerPathTest, endpoint_published_where_an_old_one_lay_wins_too) {
    PeerPath path(1, 0);
    wire::Endpoint memory{*wire::SocketAddress::parse("192.0.2.1:1"), {}, 0};
    path.publish_endpoint(&memory);
    path.hear_from({*wire::SocketAddress::parse("192.0.2.2:2"), {}, 0});
    memory.remote = *wire::SocketAddress::parse("192.0.2.3:3");
    path.publish_endpoint(&memory);
    EXPECT_EQ(path.destination(0)->remote.to_string(), "192.0.2.3:3");
}

}  // namespace phantom::wireguard
