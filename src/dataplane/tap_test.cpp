#include "dataplane/tap.h"

#include <algorithm>
#include <deque>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <poll.h>

#include "base/random.h"

namespace phantom::dataplane {
namespace {

using Bytes = std::vector<std::uint8_t>;

// Its content follows from its number.
Bytes numbered(std::uint64_t number) {
    SeededRandom random(number);
    Bytes bytes(1 + random.next_u64() % 3'000);
    random.fill(bytes);
    return bytes;
}

TEST(TapRing, gives_back_what_was_put_in_over_many_rounds) {
    TapRing ring;
    std::deque<std::uint64_t> inside;
    SeededRandom random(1);
    std::uint64_t next = 0;
    std::uint64_t refused = 0;
    for (int step = 0; step < 40'000; ++step) {
        // In waves, so that it is full at times, and empty at others.
        const bool fill = (step / 4'000) % 2 == 0;
        if (random.next_u64() % 10 < (fill ? 9U : 2U)) {
            const Instant now{static_cast<std::int64_t>(next)};
            if (ring.push(TapDirection::kOut, now, numbered(next))) {
                inside.push_back(next);
            } else {
                ++refused;
            }
            ++next;
        }
        TappedPacket packet;
        if (random.next_u64() % 10 >= (fill ? 9U : 2U)) {
            ASSERT_EQ(ring.front(packet), !inside.empty());
            if (!inside.empty()) {
                const Bytes expected = numbered(inside.front());
                ASSERT_EQ(packet.time.ns, static_cast<std::int64_t>(inside.front()));
                ASSERT_EQ(packet.direction, TapDirection::kOut);
                ASSERT_TRUE(std::ranges::equal(packet.bytes, expected));
                ring.pop();
                inside.pop_front();
            }
        }
    }
    EXPECT_GT(refused, 0U);
    EXPECT_GT(next, 10'000U);
}

TEST(TapRing, holds_what_it_says_and_not_more) {
    TapRing ring;
    const Bytes packet(65'535, 7);
    std::size_t held = 0;
    while (ring.push(TapDirection::kIn, {}, packet)) {
        held += packet.size();
    }
    EXPECT_LE(held, kTapRingSize);
    EXPECT_GT(held, kTapRingSize - 3 * packet.size());
    TappedPacket first;
    ASSERT_TRUE(ring.front(first));
    ring.pop();
    EXPECT_TRUE(ring.push(TapDirection::kIn, {}, packet)) << "there is room again";
}

TEST(TapRing, between_two_threads_nothing_is_torn_and_nobody_sleeps_over_it) {
    constexpr std::uint64_t kPackets = 30'000;
    TapRing ring;
    TapWake wake;
    std::uint64_t torn = 0;
    std::uint64_t taken = 0;
    std::thread watcher([&] {
        TappedPacket packet;
        while (taken < kPackets) {
            if (!ring.front(packet)) {
                wake.will_sleep();
                if (!ring.front(packet)) {
                    pollfd waits{.fd = wake.wake_up().fd(), .events = POLLIN, .revents = 0};
                    ASSERT_EQ(poll(&waits, 1, 10'000), 1) << "slept over packets that came";
                }
                wake.awake();
                continue;
            }
            const bool whole = packet.time.ns == static_cast<std::int64_t>(taken) &&
                               std::ranges::equal(packet.bytes, numbered(taken));
            torn += whole ? 0 : 1;
            ring.pop();
            ++taken;
        }
    });
    for (std::uint64_t number = 0; number < kPackets;) {
        if (ring.push(TapDirection::kIn, {static_cast<std::int64_t>(number)}, numbered(number))) {
            ++number;
        } else {
            std::this_thread::yield();
        }
        wake.packets_came();
    }
    watcher.join();
    EXPECT_EQ(torn, 0U);
}

// ---- How much of a flow ---------------------------------------------------------------------------

constexpr std::uint8_t kSynFlag = 0x02;
constexpr std::uint8_t kFinFlag = 0x01;
constexpr std::uint8_t kAckFlag = 0x10;

struct Made {
    std::uint8_t protocol = wire::kProtocolTcp;
    std::uint16_t source_port = 1'000;
    std::uint8_t flags = kAckFlag;
    std::size_t size = 1'200;
};
Bytes packet_of(const Made& made) {
    Bytes packet(std::max<std::size_t>(made.size, 40));
    packet[0] = 0x45;
    store_be(&packet[2], static_cast<std::uint16_t>(made.size));
    packet[9] = made.protocol;
    packet[12] = packet[16] = 10;
    packet[19] = 1;
    store_be(&packet[20], made.source_port);
    store_be(&packet[22], std::uint16_t{22});
    packet[33] = made.flags;
    packet.resize(made.size);
    return packet;
}

class TapBudgetTest : public testing::Test {
  protected:
    bool wants(const Made& made, Instant now = {1}) {
        const Bytes packet = packet_of(made);
        return budget_.wants(packet, *wire::parse_ip(packet), now);
    }
    // How many bytes of them are wanted, of 2,000.
    std::size_t wanted_of_many(const Made& made, Instant now = {1}) {
        std::size_t bytes = 0;
        for (int count = 0; count < 2'000; ++count) {
            bytes += wants(made, now) ? made.size : 0;
        }
        return bytes;
    }

    SeededRandom random_{1};
    FlowHash hash_{random_};
    TapBudget budget_{hash_};
};

TEST_F(TapBudgetTest, of_a_flow_the_beginning_and_its_end) {
    EXPECT_TRUE(wants({.flags = kSynFlag}));
    const std::size_t bytes = wanted_of_many({});
    EXPECT_GE(bytes, kTapBytesPerFlow - 2'400);
    EXPECT_LE(bytes, kTapBytesPerFlow + 2'400);
    EXPECT_TRUE(wants({.flags = kFinFlag | kAckFlag}));
    EXPECT_TRUE(wants({.source_port = 1'001})) << "another flow";
    EXPECT_TRUE(wants({.flags = kSynFlag})) << "the same ports again, a new connection";
    EXPECT_TRUE(wants({}));
}

TEST_F(TapBudgetTest, what_has_no_beginning_is_looked_at_from_time_to_time) {
    const Made made{.protocol = wire::kProtocolUdp};
    EXPECT_LE(wanted_of_many(made), kTapBytesPerFlow + 2'400);
    EXPECT_FALSE(wants(made));
    EXPECT_TRUE(wants(made, {std::int64_t{kTapWindowS} * 1'000'000'000 + 1}));
}

TEST_F(TapBudgetTest, what_is_no_flow_is_wanted) {
    EXPECT_TRUE(wants({.protocol = 1}));
    EXPECT_TRUE(wants({.size = 30})) << "too short for ports";
}

TEST(TapFeed, copies_only_while_somebody_watches) {
    SeededRandom random(1);
    const FlowHash hash(random);
    Tap tap;
    TapFeed feed(tap, hash);
    const Bytes packet = packet_of({});
    const auto copy = [&] {
        feed.begin_batch();
        feed.copy(TapDirection::kIn, packet, *wire::parse_ip(packet), {1});
        feed.end_batch();
    };
    TappedPacket seen;
    copy();
    EXPECT_FALSE(feed.ring().front(seen));
    tap.is_watched = true;
    copy();
    ASSERT_TRUE(feed.ring().front(seen));
    EXPECT_TRUE(std::ranges::equal(seen.bytes, packet));
    EXPECT_EQ(feed.dropped(), 0U);
}

TEST(TapFeed, counts_what_found_no_room) {
    SeededRandom random(1);
    const FlowHash hash(random);
    Tap tap;
    tap.is_watched = true;
    TapFeed feed(tap, hash);
    feed.begin_batch();
    const Bytes packet = packet_of({.protocol = 1, .size = 60'000});
    for (int count = 0; count < 100; ++count) {
        feed.copy(TapDirection::kIn, packet, *wire::parse_ip(packet), {1});
    }
    EXPECT_GT(feed.dropped(), 20U);
    EXPECT_LT(feed.dropped(), 40U);
}

}  // namespace
}  // namespace phantom::dataplane
