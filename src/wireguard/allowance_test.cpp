#include "wireguard/allowance.h"

#include <gtest/gtest.h>

namespace phantom::wireguard {
namespace {

constexpr Instant kStart{1'000'000'000'000};

TEST(Allowance, is_unlimited_until_something_is_said) {
    Allowance allowance;
    EXPECT_TRUE(allowance.lets_in(1U << 30U, kStart));
    EXPECT_TRUE(allowance.lets_out());
}

TEST(Allowance, of_nothing_lets_nothing_in_or_out) {
    Allowance allowance;
    allowance.set(0);
    EXPECT_FALSE(allowance.lets_in(1, kStart));
    EXPECT_FALSE(allowance.lets_out());
    allowance.set(kUnlimited);
    EXPECT_TRUE(allowance.lets_in(1, kStart));
    EXPECT_TRUE(allowance.lets_out());
}

TEST(Allowance, lets_in_so_much_in_a_second_over_a_minute) {
    for (const std::uint64_t rate : {100'000U, 1'000'000U, 10'000'000U}) {
        Allowance allowance;
        allowance.set(rate);
        constexpr std::size_t kSize = 1'280;
        std::uint64_t let_in = 0;
        for (int ms = 0; ms < 60'000; ++ms) {
            const Instant now = kStart + std::chrono::milliseconds(ms);
            for (int packet = 0; packet < 20; ++packet) {
                let_in += allowance.lets_in(kSize, now) ? kSize : 0;
            }
        }
        // And what was in the bucket at first.
        EXPECT_NEAR(
            static_cast<double>(let_in), 61.0 * static_cast<double>(rate),
            0.6 * static_cast<double>(rate)
        ) << rate;
        EXPECT_TRUE(allowance.lets_out());
    }
}

TEST(Allowance, no_packet_is_too_large) {
    Allowance allowance;
    allowance.set(1'000);
    EXPECT_TRUE(allowance.lets_in(65'000, kStart));
    EXPECT_FALSE(allowance.lets_in(1, kStart + std::chrono::seconds(60)));
    EXPECT_TRUE(allowance.lets_in(65'000, kStart + std::chrono::seconds(66)));
}

}  // namespace
}  // namespace phantom::wireguard
