#include "wireguard/replay_window.h"

#include <set>

#include <gtest/gtest.h>

#include "base/random.h"
#include "wireguard/path.h"
#include "wireguard/session.h"

namespace phantom::wireguard {

// RFC 6479 with the sizes of the WireGuard kernel module: 8,192 bits, of which 8,128 are a window.
static_assert(kReplayWindowBits == 8192);
static_assert(kReplayWindowSize == 8128);

TEST(ReplayWindow, accepts_each_counter_once) {
    ReplayWindow window;
    for (const std::uint64_t counter : {0U, 1U, 2U, 9U, 8U, 7U, 3U}) {
        EXPECT_TRUE(window.accept(counter)) << counter;
        EXPECT_FALSE(window.accept(counter)) << counter;
    }
}

TEST(ReplayWindow, accepts_counter_at_its_edge) {
    ReplayWindow window;
    ASSERT_TRUE(window.accept(100'000));
    EXPECT_TRUE(window.accept(100'000 - kReplayWindowSize));
}

TEST(ReplayWindow, rejects_counter_older_than_window) {
    ReplayWindow window;
    ASSERT_TRUE(window.accept(100'000));
    EXPECT_FALSE(window.accept(100'000 - kReplayWindowSize - 1));
    EXPECT_FALSE(window.accept(0));
}

TEST(ReplayWindow, edge_moves_with_each_counter) {
    ReplayWindow window;
    ASSERT_TRUE(window.accept(kReplayWindowSize));
    EXPECT_TRUE(window.accept(0));
    ASSERT_TRUE(window.accept(kReplayWindowSize + 2));
    EXPECT_FALSE(window.accept(1));
    EXPECT_TRUE(window.accept(2));
}

TEST(ReplayWindow, forgets_nothing_when_it_moves_by_less_than_a_word) {
    ReplayWindow window;
    for (std::uint64_t counter = 0; counter < 200; counter += 2) {
        ASSERT_TRUE(window.accept(counter));
    }
    for (std::uint64_t counter = 0; counter < 200; ++counter) {
        EXPECT_EQ(window.accept(counter), counter % 2 == 1) << counter;
    }
}

TEST(ReplayWindow, jump_of_more_than_the_ring_clears_it) {
    ReplayWindow window;
    for (std::uint64_t counter = 0; counter < kReplayWindowBits; ++counter) {
        ASSERT_TRUE(window.accept(counter));
    }
    const std::uint64_t far = 10 * kReplayWindowBits;
    ASSERT_TRUE(window.accept(far));
    for (std::uint64_t back = 1; back <= kReplayWindowSize; ++back) {
        ASSERT_TRUE(window.accept(far - back)) << back;
    }
    EXPECT_FALSE(window.accept(far - kReplayWindowSize - 1));
}

TEST(ReplayWindow, accepts_a_whole_window_in_reverse) {
    ReplayWindow window;
    for (std::uint64_t counter = kReplayWindowSize + 1; counter > 0; --counter) {
        ASSERT_TRUE(window.accept(counter)) << counter;
    }
    EXPECT_FALSE(window.accept(0));
}

TEST(ReplayWindow, works_at_the_top_of_the_counter) {
    ReplayWindow window;
    const std::uint64_t top = kRejectAfterMessages - 1;
    ASSERT_TRUE(window.accept(top));
    EXPECT_FALSE(window.accept(top));
    EXPECT_TRUE(window.accept(top - 2));
    EXPECT_TRUE(window.accept(top - kReplayWindowSize));
    EXPECT_FALSE(window.accept(top - kReplayWindowSize - 1));
}

TEST(ReplayWindow, agrees_with_a_set_of_seen_counters) {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        SeededRandom random(seed);
        ReplayWindow window;
        std::set<std::uint64_t> seen;
        std::uint64_t newest = 0;
        for (int step = 0; step < 4000; ++step) {
            const std::uint64_t reach = random.below(3) == 0 ? 3 * kReplayWindowBits : 300;
            const std::uint64_t low = newest > reach ? newest - reach : 0;
            const std::uint64_t counter = low + random.below(reach + reach / 4);
            const bool is_old = newest > counter && newest - counter > kReplayWindowSize;
            const bool expected = !is_old && seen.insert(counter).second;
            ASSERT_EQ(window.accept(counter), expected) << "seed " << seed << " step " << step;
            newest = std::max(newest, counter);
        }
    }
}

// ---- Through the session, which also knows the limit ----

class SessionCounter : public testing::Test {
  protected:
    PeerPath path{1, 0};
    Session session{
        {.path = &path,
         .local_index = 1,
         .remote_index = 2,
         .owner_shard = 0,
         .initiator = true,
         .created = Instant{1'000}},
        {},
        {}
    };
};

// Checklist: a counter >= the reject limit is refused.
TEST_F(SessionCounter, at_or_above_the_reject_limit_is_refused) {
    EXPECT_FALSE(session.accept_counter(kRejectAfterMessages));
    EXPECT_FALSE(session.accept_counter(UINT64_MAX));
    EXPECT_TRUE(session.accept_counter(0)) << "a refused counter must not move the window";
    EXPECT_TRUE(session.accept_counter(kRejectAfterMessages - 1));
    EXPECT_FALSE(session.accept_counter(kRejectAfterMessages));
}

}  // namespace phantom::wireguard
