#include "daemon/remedy_effect.h"

#include <gtest/gtest.h>

namespace phantom::daemon {
namespace {

// As a kernel of little-endian words writes it.
constexpr std::string_view kTcp =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
    "inode\n"
    "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 "
    "1\n"
    "   1: 0200400A:0016 090071CB:C350 01 00000000:00000000 00:00000000 00000000     0        0 2 "
    "1\n";
constexpr std::string_view kTcp6 =
    "  sl  local_address                         remote_address                        st "
    "tx_queue\n"
    "   0: 00000000000000000000000000000000:0016 00000000000000000000000000000000:0000 0A "
    "00000000\n"
    "   1: B80D0120000000000000000001000000:0016 B80D0120000000000000000007000000:C350 01 "
    "00000000\n"
    "   2: 0000000000000000FFFF00000200400A:0016 0000000000000000FFFF0000090071CB:C351 01 "
    "00000000\n";

TEST(RemedyEffect, remote_ends_are_read_and_listeners_are_none) {
    const auto v4 = remote_ends_in(kTcp);
    ASSERT_EQ(v4.size(), 1U);
    EXPECT_EQ(v4[0].to_string(), "203.113.0.9");
    const auto v6 = remote_ends_in(kTcp6);
    ASSERT_EQ(v6.size(), 2U);
    EXPECT_EQ(v6[0].to_string(), "2001:db8::7");
    EXPECT_EQ(v6[1].to_string(), "203.113.0.9") << "an IPv4 address in IPv6's clothes";
}

TEST(RemedyEffect, what_is_malformed_is_passed_over) {
    for (std::size_t size = 0; size < kTcp6.size(); ++size) {
        EXPECT_LE(remote_ends_in(kTcp6.substr(0, size)).size(), 2U);
    }
    EXPECT_TRUE(remote_ends_in("   1: x:y ZZZZZZZZ:1 01\n 2: 1\n::::\n").empty());
}

}  // namespace
}  // namespace phantom::daemon
