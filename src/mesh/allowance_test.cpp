#include "mesh/allowance.h"

#include <gtest/gtest.h>

namespace phantom::mesh {
namespace {

constexpr Instant kAllowanceStart = Instant{} + Duration(100s);

TEST(Allowance, burst_is_there_at_once_and_not_more) {
    Allowance allowance(4'000, 1'000);
    EXPECT_TRUE(allowance.take(3'000, kAllowanceStart));
    EXPECT_FALSE(allowance.take(1'001, kAllowanceStart));
    EXPECT_TRUE(allowance.take(1'000, kAllowanceStart)) << "what was refused cost nothing";
    EXPECT_FALSE(allowance.take(1, kAllowanceStart));
}

TEST(Allowance, comes_back_with_time_up_to_the_burst) {
    Allowance allowance(4'000, 1'000);
    ASSERT_TRUE(allowance.take(4'000, kAllowanceStart));
    EXPECT_FALSE(allowance.take(1'000, kAllowanceStart + Duration(999ms)));
    EXPECT_TRUE(allowance.take(1'000, kAllowanceStart + Duration(1s)));
    const Instant later = kAllowanceStart + Duration(3'600s);
    EXPECT_FALSE(allowance.take(4'001, later));
    EXPECT_TRUE(allowance.take(4'000, later));
}

TEST(Allowance, who_asks_all_the_time_gets_the_rate) {
    Allowance allowance(4'000, 1'000);
    std::uint64_t sent = 0;
    for (int ms = 0; ms < 60'000; ms += 10) {
        sent += allowance.take(100, kAllowanceStart + Duration(1ms) * ms) ? 100 : 0;
    }
    EXPECT_NEAR(static_cast<double>(sent), 4'000 + 60'000, 1'000);
}

}  // namespace
}  // namespace phantom::mesh
