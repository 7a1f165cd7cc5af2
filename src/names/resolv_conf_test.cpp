#include "names/resolv_conf.h"

#include <gtest/gtest.h>

namespace phantom::names {
namespace {

constexpr std::string_view kTypical =
    "# by hand\n"
    "nameserver 192.0.2.1\n"
    "\tnameserver   2001:db8::1  # the other one\n"
    "nameserver fe80::1%eth0\n"
    "nameserver\n"
    "search example.org\n"
    "options edns0 trust-ad";

TEST(ResolvConf, names_the_servers_and_keeps_how_to_ask) {
    const ResolvConf parsed = parse_resolv_conf(kTypical);
    ASSERT_EQ(parsed.servers.size(), 2U);
    EXPECT_EQ(parsed.servers[0].to_string(), "192.0.2.1:53");
    EXPECT_EQ(parsed.servers[1].to_string(), "[2001:db8::1]:53");
    EXPECT_EQ(
        parsed.kept, (std::vector<std::string>{"search example.org", "options edns0 trust-ad"})
    );
    EXPECT_FALSE(parsed.asks_resolved());
    EXPECT_TRUE(parse_resolv_conf("nameserver 127.0.0.53\n").asks_resolved());
}

TEST(ResolvConf, that_is_written_asks_one_server) {
    const auto written =
        resolv_conf_asking(*wire::Address::parse("100.64.0.1"), parse_resolv_conf(kTypical));
    const ResolvConf after = parse_resolv_conf(written);
    ASSERT_EQ(after.servers.size(), 1U);
    EXPECT_EQ(after.servers[0].to_string(), "100.64.0.1:53");
    EXPECT_EQ(after.kept, parse_resolv_conf(kTypical).kept);
}

TEST(ResolvConf, keeps_no_line_that_is_not_text) {
    EXPECT_TRUE(parse_resolv_conf(std::string_view("search a\0b\n", 11)).kept.empty());
    EXPECT_TRUE(parse_resolv_conf("").servers.empty());
}

}  // namespace
}  // namespace phantom::names
