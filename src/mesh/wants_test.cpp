#include "mesh/wants.h"

#include <gtest/gtest.h>

namespace phantom::mesh {
namespace {

identity::NodeId numbered(std::uint8_t number) {
    identity::NodeId node;
    node.bytes[0] = number;
    return node;
}

constexpr Instant kBegin = Instant{} + Duration(1s);

TEST(Wants, one_of_those_that_offer_is_asked) {
    Wants wants;
    EXPECT_TRUE(wants.offered(numbered(9), 1, numbered(1), kBegin));
    EXPECT_FALSE(wants.offered(numbered(9), 1, numbered(2), kBegin));
    EXPECT_TRUE(wants.offered(numbered(9), 2, numbered(3), kBegin)) << "this one is newer";
}

TEST(Wants, next_one_is_asked_when_it_does_not_come) {
    Wants wants;
    EXPECT_TRUE(wants.offered(numbered(9), 1, numbered(1), kBegin));
    EXPECT_FALSE(wants.offered(numbered(9), 1, numbered(2), kBegin));
    EXPECT_TRUE(wants.due(kBegin + kWantPatience - Duration(1)).empty());
    const auto asked = wants.due(kBegin + kWantPatience);
    ASSERT_EQ(asked.size(), 1U);
    EXPECT_EQ(asked[0].whom, numbered(2));
    EXPECT_EQ(asked[0].node, numbered(9));
    EXPECT_TRUE(wants.due(kBegin + 2 * kWantPatience).empty()) << "nobody else offered it";
    EXPECT_EQ(wants.deadline(), kFarFuture);
    EXPECT_TRUE(wants.offered(numbered(9), 1, numbered(1), kBegin + 3 * kWantPatience));
}

TEST(Wants, what_came_is_not_asked_for_again) {
    Wants wants;
    EXPECT_TRUE(wants.offered(numbered(9), 1, numbered(1), kBegin));
    EXPECT_FALSE(wants.offered(numbered(9), 1, numbered(2), kBegin));
    wants.came(numbered(9));
    EXPECT_TRUE(wants.due(kBegin + kWantPatience).empty());
}

TEST(Wants, are_bounded) {
    Wants wants;
    for (std::size_t count = 0; count < kWantsMax; ++count) {
        identity::NodeId node;
        node.bytes[0] = static_cast<std::uint8_t>(count >> 8U);
        node.bytes[1] = static_cast<std::uint8_t>(count);
        EXPECT_TRUE(wants.offered(node, 1, numbered(1), kBegin));
    }
    identity::NodeId more;
    more.bytes.fill(0xff);
    EXPECT_FALSE(wants.offered(more, 1, numbered(1), kBegin));
}

}  // namespace
}  // namespace phantom::mesh
