// The Device's own tables: indices, deadlines, rate limits, timestamps.

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "base/random.h"
#include "wireguard/constants.h"
#include "wireguard/deadline_heap.h"
#include "wireguard/index_table.h"
#include "wireguard/peer.h"
#include "wireguard/rate_limiter.h"
#include "wireguard/tai64n.h"

namespace phantom::wireguard {

// ---- Indices ----

// Checklist: random session indices.
TEST(IndexTableTest, indices_are_random_unique_and_steer_to_their_shard) {
    for (const std::uint32_t shard_count : {1U, 2U, 3U, 7U, 64U}) {
        SeededRandom random(shard_count);
        IndexTable table(shard_count);
        std::vector<std::unique_ptr<Peer>> peers;
        std::set<std::uint32_t> indices;
        std::size_t below_half = 0;
        for (PeerId id = 1; id <= 500; ++id) {
            const auto shard = static_cast<std::uint32_t>(id % shard_count);
            peers.push_back(std::make_unique<Peer>(id, crypto::PublicKey{}, shard));
            auto index = table.reserve(*peers.back(), shard, random);
            while (!index) {
                table.grow();
                index = table.reserve(*peers.back(), shard, random);
            }
            EXPECT_EQ(*index % shard_count, shard);
            EXPECT_TRUE(indices.insert(*index).second);
            below_half += *index < 0x8000'0000U ? 1 : 0;
        }
        EXPECT_GT(below_half, 150U);
        EXPECT_LT(below_half, 350U);
        EXPECT_GE(table.slot_count(), 4 * indices.size());
        for (const std::uint32_t index : indices) {
            EXPECT_NE(table.find(index), nullptr) << "lost in growth";
        }
    }
}

TEST(IndexTableTest, released_index_is_found_no_more) {
    SeededRandom random(1);
    IndexTable table(1);
    Peer peer(1, {}, 0);
    const auto index = table.reserve(peer, 0, random);
    ASSERT_TRUE(index);
    EXPECT_EQ(table.find(*index), &peer);
    EXPECT_EQ(table.find(*index ^ 0x8000'0000U), nullptr);
    table.release(*index);
    EXPECT_EQ(table.find(*index), nullptr);
}

// ---- Deadlines ----

TEST(DeadlineHeapTest, gives_the_earliest_whatever_moves) {
    SeededRandom random(7);
    std::vector<std::unique_ptr<DeadlineHeap::Node>> nodes;
    std::vector<Instant> deadlines(100, kFarFuture);
    for (std::size_t count = 0; count < deadlines.size(); ++count) {
        nodes.push_back(std::make_unique<DeadlineHeap::Node>());
    }
    DeadlineHeap heap;
    for (int step = 0; step < 20'000; ++step) {
        const std::size_t which = random.below(nodes.size());
        deadlines[which] = random.below(4) == 0
                               ? kFarFuture
                               : Instant{static_cast<std::int64_t>(random.below(1'000))};
        heap.set(*nodes[which], deadlines[which]);
        ASSERT_EQ(heap.earliest(), *std::ranges::min_element(deadlines)) << "step " << step;
        ASSERT_EQ(
            heap.size(),
            deadlines.size() - static_cast<std::size_t>(std::ranges::count(deadlines, kFarFuture))
        );
    }
}

// ---- Rate limits ----

constexpr Instant kTablesStart{1'000'000'000};

class RateLimiterTest : public testing::Test {
  protected:
    int allowed(const char* text, Instant at, int tries) {
        int count = 0;
        for (int attempt = 0; attempt < tries; ++attempt) {
            count += limiter.allow(*wire::Address::parse(text), at) ? 1 : 0;
        }
        return count;
    }

    SeededRandom random{1};
    RateLimiter limiter{random};
};

// Checklist: after a valid mac2: 20/s, burst 5, per source IP.
TEST_F(RateLimiterTest, allows_a_burst_of_5) {
    EXPECT_EQ(allowed("192.0.2.1", kTablesStart, 100), 5);
}

TEST_F(RateLimiterTest, allows_20_a_second_afterwards) {
    ASSERT_EQ(allowed("192.0.2.1", kTablesStart, 100), 5);
    int count = 0;
    for (int millisecond = 1; millisecond <= 10'000; ++millisecond) {
        count += allowed("192.0.2.1", kTablesStart + std::chrono::milliseconds(millisecond), 1);
    }
    EXPECT_EQ(count, 200);
}

TEST_F(RateLimiterTest, token_is_earned_in_50_ms_and_not_before) {
    ASSERT_EQ(allowed("192.0.2.1", kTablesStart, 100), 5);
    EXPECT_EQ(allowed("192.0.2.1", kTablesStart + 50ms - 1ns, 1), 0);
    EXPECT_EQ(allowed("192.0.2.1", kTablesStart + 50ms, 2), 1);
}

TEST_F(RateLimiterTest, addresses_do_not_share) {
    EXPECT_EQ(allowed("192.0.2.1", kTablesStart, 10), 5);
    EXPECT_EQ(allowed("192.0.2.2", kTablesStart, 10), 5);
    EXPECT_EQ(allowed("2001:db8:0:1::1", kTablesStart, 10), 5);
    EXPECT_EQ(allowed("2001:db8:0:2::1", kTablesStart, 10), 5);
}

TEST_F(RateLimiterTest, one_ipv6_network_of_64_bits_is_one_source) {
    EXPECT_EQ(allowed("2001:db8::1", kTablesStart, 3), 3);
    EXPECT_EQ(allowed("2001:db8::ffff:2", kTablesStart, 3), 2);
}

TEST_F(RateLimiterTest, entries_are_bounded_and_free_themselves) {
    std::size_t count = 0;
    for (std::uint32_t number = 0; number < 100'000; ++number) {
        std::uint8_t bytes[4];
        store_be(bytes, number);
        count += limiter.allow(wire::Address::v4(bytes), kTablesStart) ? 1 : 0;
    }
    EXPECT_LE(count, RateLimiter::kSetCount * RateLimiter::kWays);
    EXPECT_EQ(allowed("192.0.2.1", kTablesStart + 250ms, 10), 5);
}

// ---- TAI64N ----

// Checklist: low 24 bits of the nanoseconds masked.
TEST(Tai64nTest, masks_the_24_low_bits_of_the_nanoseconds) {
    for (const std::int64_t ns : {0LL, 1LL, 16'777'215LL, 16'777'216LL, 999'999'999LL}) {
        const Tai64n stamp = Tai64n::at(WallTime{1'700'000'000'000'000'000 + ns});
        EXPECT_EQ(stamp.bytes[9], 0);
        EXPECT_EQ(stamp.bytes[10], 0);
        EXPECT_EQ(stamp.bytes[11], 0);
        EXPECT_EQ(stamp.bytes[8], static_cast<std::uint8_t>(ns >> 24));
    }
}

// https://cr.yp.to/libtai/tai64.html: 1992-06-02 08:07:09 TAI is 400000002a2b2c2d; without leap
// seconds that is 10 s after the Unix time of the same digits.
TEST(Tai64nTest, counts_seconds_as_the_format_says) {
    const Tai64n stamp = Tai64n::at(WallTime{(0x2a2b2c2dLL - 10) * 1'000'000'000});
    const std::array<std::uint8_t, 12> expected = {0x40, 0, 0, 0, 0x2a, 0x2b, 0x2c, 0x2d};
    EXPECT_EQ(stamp.bytes, expected);
}

TEST(Tai64nTest, next_is_the_smallest_greater_masked_stamp) {
    Tai64n stamp = Tai64n::at(WallTime{1'700'000'000'000'000'000});
    for (int step = 0; step < 200; ++step) {
        const Tai64n next = stamp.next();
        EXPECT_GT(next, stamp);
        EXPECT_LT(load_be<std::uint32_t>(next.bytes.data() + 8), 1'000'000'000U);
        stamp = next;
    }
}

}  // namespace phantom::wireguard
