#include "daemon/route_wishes.h"

#include <gtest/gtest.h>

namespace phantom::daemon {
namespace {

TEST(RouteWishes, are_read_as_they_were_written) {
    RouteWishes wishes;
    ASSERT_TRUE(wishes.offer("192.168.7.0/24"));
    ASSERT_TRUE(wishes.offer("fd12::/64"));
    ASSERT_TRUE(wishes.offer("10.0.0.0/8"));
    ASSERT_TRUE(wishes.offer("exit"));
    wishes.exit = "cedar";
    const std::string text =
        "offer 10.0.0.0/8\noffer 192.168.7.0/24\noffer fd12::/64\noffer exit\nuse exit cedar\n";
    EXPECT_EQ(wishes.text(), text);
    const auto read = RouteWishes::parse(text);
    ASSERT_TRUE(read) << read.error();
    EXPECT_EQ(*read, wishes);
    EXPECT_EQ(RouteWishes::parse("").value(), RouteWishes{});
}

TEST(RouteWishes, are_taken_back_one_by_one) {
    RouteWishes wishes;
    ASSERT_TRUE(wishes.offer("192.168.7.0/24"));
    ASSERT_TRUE(wishes.offer("192.168.7.9/24")) << "the same network";
    EXPECT_EQ(wishes.offers.size(), 1);
    EXPECT_TRUE(wishes.offers_prefix(wire::Prefix::parse("192.168.7.0/24").value()));
    EXPECT_FALSE(wishes.offers_prefix(wire::Prefix::parse("0.0.0.0/0").value()));
    ASSERT_TRUE(wishes.offer("exit"));
    EXPECT_TRUE(wishes.offers_prefix(wire::Prefix::parse("::/0").value()));
    ASSERT_TRUE(wishes.withdraw("192.168.7.0/24"));
    ASSERT_TRUE(wishes.withdraw("exit"));
    EXPECT_EQ(wishes, RouteWishes{});
}

TEST(RouteWishes, refuse_what_is_no_network_and_too_many) {
    RouteWishes wishes;
    EXPECT_FALSE(wishes.offer("office"));
    EXPECT_FALSE(wishes.offer(""));
    EXPECT_FALSE(wishes.offer("0.0.0.0/0")) << "said as 'exit'";
    EXPECT_FALSE(wishes.withdraw("office"));
    for (std::size_t index = 0; index < kOffersMax; ++index) {
        ASSERT_TRUE(wishes.offer("10." + std::to_string(index) + ".0.0/16"));
    }
    EXPECT_FALSE(wishes.offer("192.168.7.0/24"));
    EXPECT_LE(wishes.text().size(), kRouteWishesSizeMax);
}

TEST(RouteWishes, of_another_hand_are_not_taken) {
    for (const char* text :
         {"offer 192.168.7.1/24\n", "offer exit", "offer exit\noffer exit\n", "use exit \n",
          "offer 0.0.0.0/0\n", "something else\n", "use exit a\nuse exit b\n", "\n"}) {
        EXPECT_FALSE(RouteWishes::parse(text)) << text;
    }
}

}  // namespace
}  // namespace phantom::daemon
