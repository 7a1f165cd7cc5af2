#include "daemon/watcher_share.h"

#include <gtest/gtest.h>

namespace phantom::daemon {
namespace {

using namespace std::chrono_literals;

constexpr Instant kShareStart{1'000'000'000};

TEST(WatcherShare, LittleWorkStaysAtFullShare) {
    WatcherShare share;
    Duration used{};
    for (Instant now = kShareStart; now < kShareStart + 5s; now = now + 1ms) {
        used += 150us;
        EXPECT_TRUE(share.is_full(used, now));
    }
}

TEST(WatcherShare, WhoWorksAllTheTimeHasAFifthAtFullShare) {
    WatcherShare share;
    int full = 0;
    for (int ms = 0; ms < 10'000; ++ms) {
        full += share.is_full(Duration(1ms) * ms, kShareStart + Duration(1ms) * ms) ? 1 : 0;
    }
    EXPECT_EQ(full, 2'000);
}

TEST(WatcherShare, TheNextWindowBeginsAnew) {
    WatcherShare share;
    EXPECT_TRUE(share.is_full(0ms, kShareStart));
    EXPECT_FALSE(share.is_full(20ms, kShareStart + 20ms));
    EXPECT_EQ(share.end_of_window(), kShareStart + WatcherShare::kWindow);
    EXPECT_FALSE(share.is_full(20ms, kShareStart + 99ms));
    EXPECT_TRUE(share.is_full(20ms, kShareStart + 100ms));
}

}  // namespace
}  // namespace phantom::daemon
