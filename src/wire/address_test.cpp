#include "wire/address.h"

#include <gtest/gtest.h>

namespace phantom::wire {

TEST(Prefix, clears_host_bits) {
    const auto prefix = Prefix::parse("10.1.2.3/12");
    ASSERT_TRUE(prefix);
    EXPECT_EQ(prefix->to_string(), "10.0.0.0/12");
}

TEST(Prefix, without_length_is_a_host) {
    EXPECT_EQ(Prefix::parse("192.0.2.1")->to_string(), "192.0.2.1/32");
    EXPECT_EQ(Prefix::parse("fd00::1")->to_string(), "fd00::1/128");
}

TEST(Prefix, rejects_length_beyond_family) {
    EXPECT_FALSE(Prefix::parse("10.0.0.0/33"));
    EXPECT_FALSE(Prefix::parse("fd00::/129"));
    EXPECT_FALSE(Prefix::parse("10.0.0.0/"));
    EXPECT_FALSE(Prefix::parse("10.0.0.0/-1"));
}

TEST(Prefix, contains_addresses_of_its_family_only) {
    const auto all = Prefix::parse("0.0.0.0/0");
    EXPECT_TRUE(all->contains(*Address::parse("203.0.113.9")));
    EXPECT_FALSE(all->contains(*Address::parse("::1")));
}

TEST(SocketAddress, round_trips) {
    for (const char* text : {"192.0.2.1:51820", "[2001:db8::1]:1", "[fe80::1%2]:65535"}) {
        const auto parsed = SocketAddress::parse(text);
        ASSERT_TRUE(parsed) << text;
        EXPECT_EQ(parsed->to_string(), text);
    }
}

TEST(SocketAddress, rejects_malformed_text) {
    for (const char* text :
         {"", ":", "1.2.3.4", "1.2.3.4:", "1.2.3.4:65536", "[1.2.3.4]:1", "::1:1", "[::1:1",
          "[fe80::1%]:1", "[::1]1"}) {
        EXPECT_FALSE(SocketAddress::parse(text)) << text;
    }
}

}  // namespace phantom::wire
