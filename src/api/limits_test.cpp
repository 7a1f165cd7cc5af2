#include "api/limits.h"

#include <gtest/gtest.h>

namespace phantom::api {
namespace {

using namespace std::chrono_literals;

constexpr Instant kLimitsStart{1'000'000'000'000};

TEST(RateLimiter, a_bucket_is_emptied_and_fills_evenly) {
    RateLimiter limiter;
    for (std::uint32_t index = 0; index < 60; ++index) {
        const auto verdict = limiter.take("ci", 1, 60, kLimitsStart);
        EXPECT_TRUE(verdict.is_allowed);
        EXPECT_EQ(verdict.remaining, 59 - index);
        EXPECT_EQ(verdict.reset_s, index + 1);
    }
    const auto refused = limiter.take("ci", 1, 60, kLimitsStart);
    EXPECT_FALSE(refused.is_allowed);
    EXPECT_EQ(refused.wait_s, 1U);
    EXPECT_TRUE(limiter.take("other", 1, 60, kLimitsStart).is_allowed);
    EXPECT_FALSE(limiter.take("ci", 1, 60, kLimitsStart + 999ms).is_allowed);
    EXPECT_TRUE(limiter.take("ci", 1, 60, kLimitsStart + 1001ms).is_allowed);
    EXPECT_EQ(limiter.take("ci", 1, 60, kLimitsStart + 1h).remaining, 59U);
}

TEST(RateLimiter, a_write_costs_more_but_is_never_impossible) {
    RateLimiter limiter;
    EXPECT_TRUE(limiter.take("ci", kWriteCost, 15, kLimitsStart).is_allowed);
    const auto refused = limiter.take("ci", kWriteCost, 15, kLimitsStart);
    EXPECT_FALSE(refused.is_allowed);
    EXPECT_EQ(refused.wait_s, 20U);
    EXPECT_TRUE(limiter.take("small", kWriteCost, 3, kLimitsStart).is_allowed);
}

TEST(RateLimiter, holds_its_bound_and_forgets_who_asked_longest_ago) {
    RateLimiter limiter;
    EXPECT_EQ(limiter.take("first", 10, 10, kLimitsStart).remaining, 0U);
    for (std::size_t index = 0; index + 1 < kBucketsMax; ++index) {
        (void)limiter.take("k" + std::to_string(index), 1, 10, kLimitsStart + 1ms);
    }
    EXPECT_FALSE(limiter.take("first", 1, 10, kLimitsStart + 1ms).is_allowed);
    (void)limiter.take("one more", 1, 10, kLimitsStart + 2ms);
    EXPECT_FALSE(limiter.take("first", 1, 10, kLimitsStart + 2ms).is_allowed);
}

TEST(GuessWatch, waits_twice_as_long_each_time) {
    GuessWatch watch;
    for (std::uint32_t index = 0; index < kGuessesFree; ++index) {
        watch.failed("192.0.2.1", kLimitsStart);
        EXPECT_EQ(watch.patience("192.0.2.1", kLimitsStart), Duration::zero());
    }
    for (const Duration wait : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
        watch.failed("192.0.2.1", kLimitsStart);
        EXPECT_EQ(watch.patience("192.0.2.1", kLimitsStart), wait);
    }
    EXPECT_EQ(watch.patience("192.0.2.2", kLimitsStart), Duration::zero());
    EXPECT_EQ(watch.patience("192.0.2.1", kLimitsStart + 1min), Duration::zero());
}

TEST(GuessWatch, tells_of_the_tenth_and_the_hundredth_and_forgets) {
    GuessWatch watch;
    std::vector<std::uint64_t> told;
    for (int index = 0; index < 150; ++index) {
        if (const auto count = watch.failed("192.0.2.1", kLimitsStart)) {
            told.push_back(*count);
        }
    }
    EXPECT_EQ(told, (std::vector<std::uint64_t>{10, 100}));
    for (int index = 0; index < 9; ++index) {
        EXPECT_FALSE(watch.failed("192.0.2.1", kLimitsStart + kGuessMemory + 1s).has_value());
    }
    EXPECT_EQ(watch.failed("192.0.2.1", kLimitsStart + kGuessMemory + 1s), 10U);
}

TEST(GuessWatch, holds_its_bound) {
    GuessWatch watch;
    for (int index = 0; index < 20; ++index) {
        watch.failed("guesser", kLimitsStart + 1s);
    }
    for (std::size_t index = 0; index < kGuessersMax; ++index) {
        watch.failed("k" + std::to_string(index), kLimitsStart);
    }
    EXPECT_GT(watch.patience("guesser", kLimitsStart + 2s), Duration::zero());
}

TEST(AddressKey, who_has_one_address_of_a_64_has_all) {
    EXPECT_EQ(address_key("192.0.2.1"), "192.0.2.1");
    EXPECT_EQ(address_key("2001:db8::1"), address_key("2001:db8::ffff:1"));
    EXPECT_NE(address_key("2001:db8::1"), address_key("2001:db8:0:1::1"));
    EXPECT_EQ(address_key("local, uid 0"), "local, uid 0");
}

}  // namespace
}  // namespace phantom::api
