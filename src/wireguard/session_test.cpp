#include "wireguard/session.h"

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "wireguard/path.h"
#include "wireguard/session_slots.h"

namespace phantom::wireguard {

namespace {

constexpr Instant kSessionStart{1'000'000'000};

Session::Options options(PeerPath& path, bool initiator, std::uint32_t local_index = 1) {
    return {
        .path = &path,
        .local_index = local_index,
        .remote_index = 2,
        .owner_shard = 0,
        .initiator = initiator,
        .created = kSessionStart,
    };
}

}  // namespace

class SessionTest : public testing::Test {
  protected:
    PeerPath path{1, 0};
    Session initiated{options(path, true), {}, {}};
    Session answered{options(path, false), {}, {}};
};

// Checklist: limits and timers.
TEST(Constants, are_those_of_the_paper) {
    EXPECT_EQ(kRekeyAfterMessages, std::uint64_t{1} << 60U);
    EXPECT_EQ(kRejectAfterMessages, UINT64_MAX - (std::uint64_t{1} << 13U));
    EXPECT_EQ(kRekeyAfterTime, 120s);
    EXPECT_EQ(kRejectAfterTime, 180s);
    EXPECT_EQ(kRekeyAttemptTime, 90s);
    EXPECT_EQ(kRekeyTimeout, 5s);
    EXPECT_EQ(kRekeyTimeoutJitterMax, 333ms);
    EXPECT_EQ(kKeepaliveTimeout, 10s);
    EXPECT_EQ(kRekeyAfterTimeReceiving, 165s);
    EXPECT_EQ(kEraseKeysAfterTime, 540s);
    EXPECT_EQ(kCookieSecretLifetime, 120s);
    EXPECT_EQ(kUnderLoadQueueDepth, 128U);
    EXPECT_EQ(kHandshakeQueueSize, 1024U);
    EXPECT_EQ(kStagedPacketsMax, 128U);
    EXPECT_EQ(kHandshakeTos, 0x88);
}

TEST_F(SessionTest, expires_after_180_s) {
    EXPECT_FALSE(initiated.expired(kSessionStart + 180s - 1ns));
    EXPECT_TRUE(initiated.expired(kSessionStart + 180s));
    EXPECT_FALSE(initiated.usable(kSessionStart + 180s));
}

TEST_F(SessionTest, initiator_renews_after_120_s_of_sending) {
    EXPECT_FALSE(initiated.wants_rekey_after_send(kSessionStart + 120s - 1ns));
    EXPECT_TRUE(initiated.wants_rekey_after_send(kSessionStart + 120s));
}

TEST_F(SessionTest, initiator_renews_after_165_s_of_receiving) {
    EXPECT_FALSE(initiated.wants_rekey_after_receive(kSessionStart + 165s - 1ns));
    EXPECT_TRUE(initiated.wants_rekey_after_receive(kSessionStart + 165s));
}

TEST_F(SessionTest, responder_never_renews_for_age) {
    EXPECT_FALSE(answered.wants_rekey_after_send(kSessionStart + 179s));
    EXPECT_FALSE(answered.wants_rekey_after_receive(kSessionStart + 179s));
}

TEST_F(SessionTest, either_side_renews_after_2_to_the_60_messages) {
    for (Session* session : {&initiated, &answered}) {
        session->set_send_counter_for_test(kRekeyAfterMessages - 1);
        EXPECT_FALSE(session->wants_rekey_after_send(kSessionStart));
        ASSERT_TRUE(session->reserve_counters(1));
        EXPECT_TRUE(session->wants_rekey_after_send(kSessionStart));
    }
}

TEST_F(SessionTest, only_the_initiator_begins_confirmed) {
    EXPECT_TRUE(initiated.confirmed);
    EXPECT_FALSE(answered.confirmed);
}

TEST_F(SessionTest, counters_are_consecutive) {
    EXPECT_EQ(initiated.reserve_counters(64), 0U);
    EXPECT_EQ(initiated.reserve_counters(1), 64U);
    EXPECT_EQ(initiated.reserve_counters(1), 65U);
}

TEST_F(SessionTest, counters_end_at_the_reject_limit) {
    initiated.set_send_counter_for_test(kRejectAfterMessages - 10);
    EXPECT_FALSE(initiated.reserve_counters(11));
    EXPECT_TRUE(initiated.usable(kSessionStart));
    EXPECT_EQ(initiated.reserve_counters(10), kRejectAfterMessages - 10);
    EXPECT_FALSE(initiated.reserve_counters(1));
    EXPECT_FALSE(initiated.usable(kSessionStart));
}

TEST_F(SessionTest, counters_reserved_by_several_shards_never_overlap) {
    constexpr std::uint32_t kThreads = 4;
    constexpr std::uint32_t kTimes = 5'000;
    constexpr std::uint32_t kBurst = 3;
    std::vector<std::vector<std::uint64_t>> firsts(kThreads);
    {
        std::vector<std::jthread> threads;
        for (auto& mine : firsts) {
            threads.emplace_back([&mine, this] {
                for (std::uint32_t time = 0; time < kTimes; ++time) {
                    mine.push_back(*initiated.reserve_counters(kBurst));
                }
            });
        }
    }
    std::vector<std::uint64_t> all;
    for (const auto& mine : firsts) {
        all.insert(all.end(), mine.begin(), mine.end());
    }
    std::ranges::sort(all);
    for (std::size_t position = 0; position < all.size(); ++position) {
        ASSERT_EQ(all[position], position * kBurst);
    }
}

// ---- Slots ----

class SessionSlotsTest : public testing::Test {
  protected:
    std::shared_ptr<Session> make(bool initiator, Instant created = kSessionStart) {
        auto made = options(path, initiator, next_index++);
        made.created = created;
        return std::make_shared<Session>(made, crypto::Key{}, crypto::Key{});
    }
    // An established session of ours.
    Session* establish() {
        auto made = make(true);
        Session* raw = made.get();
        slots.add_as_initiator({std::move(made), true}, kSessionStart, dropped);
        return raw;
    }

    PeerPath path{1, 0};
    std::uint32_t next_index = 10;
    SessionSlots slots;
    SessionSlots::Dropped dropped;
};

// Checklist: slots previous / current / next.
TEST_F(SessionSlotsTest, initiator_uses_its_session_at_once_and_keeps_the_old_one) {
    Session* first = establish();
    Session* second = establish();
    EXPECT_EQ(slots.current(), second);
    EXPECT_EQ(slots.previous(), first);
    Session* third = establish();
    EXPECT_EQ(slots.current(), third);
    EXPECT_EQ(slots.previous(), second);
    ASSERT_EQ(dropped.size(), 1U);
    EXPECT_EQ(dropped[0].get(), first);
}

TEST_F(SessionSlotsTest, responder_waits_for_the_first_packet) {
    Session* old = establish();
    auto made = make(false);
    Session* fresh = made.get();
    slots.add_as_responder(std::move(made), dropped);
    EXPECT_EQ(slots.current(), old);
    EXPECT_EQ(slots.next(), fresh);
    slots.promote_next(dropped);
    EXPECT_EQ(slots.current(), fresh);
    EXPECT_EQ(slots.previous(), old);
    EXPECT_EQ(slots.next(), nullptr);
}

TEST_F(SessionSlotsTest, second_response_replaces_the_unconfirmed_session) {
    slots.add_as_responder(make(false), dropped);
    auto made = make(false);
    Session* fresh = made.get();
    slots.add_as_responder(std::move(made), dropped);
    EXPECT_EQ(slots.next(), fresh);
    EXPECT_EQ(dropped.size(), 1U);
}

TEST_F(SessionSlotsTest, both_ends_initiating_at_once_settle_on_one_session) {
    auto theirs = make(false);
    Session* their_session = theirs.get();
    slots.add_as_responder(std::move(theirs), dropped);
    auto ours = make(true);
    Session* our_session = ours.get();

    SessionSlots outranked = slots;
    slots.add_as_initiator({ours, true}, kSessionStart, dropped);
    EXPECT_EQ(slots.current(), our_session);
    EXPECT_EQ(slots.previous(), their_session);
    EXPECT_EQ(slots.next(), nullptr);

    outranked.add_as_initiator({ours, false}, kSessionStart, dropped);
    EXPECT_EQ(outranked.current(), our_session);
    EXPECT_EQ(outranked.next(), their_session);
    outranked.promote_next(dropped);
    EXPECT_EQ(outranked.current(), their_session);
    EXPECT_EQ(outranked.previous(), our_session);
}

TEST_F(SessionSlotsTest, clear_drops_all) {
    establish();
    establish();
    slots.add_as_responder(make(false), dropped);
    dropped.clear();
    slots.clear(dropped);
    EXPECT_EQ(dropped.size(), 2U);
    EXPECT_TRUE(slots.empty());
}

}  // namespace phantom::wireguard
