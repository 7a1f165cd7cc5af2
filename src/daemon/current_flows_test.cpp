#include "daemon/current_flows.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <netinet/in.h>

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

TEST(CurrentFlows, connected_sockets_are_read_and_listeners_are_none) {
    const auto v4 = sockets_in(kTcp, IPPROTO_TCP);
    ASSERT_EQ(v4.size(), 1U);
    EXPECT_EQ(to_string(v4[0]), "tcp 10.64.0.2:22 -> 203.113.0.9:50000");
    const auto v6 = sockets_in(kTcp6, IPPROTO_TCP);
    ASSERT_EQ(v6.size(), 2U);
    EXPECT_EQ(v6[0].to.address.to_string(), "2001:db8::7");
    EXPECT_EQ(v6[1].to.to_string(), "203.113.0.9:50001") << "an IPv4 address in IPv6's clothes";
}

TEST(CurrentFlows, what_is_over_is_no_socket) {
    std::string table(kTcp);
    table.replace(table.find(" 01 "), 4, " 06 ");
    EXPECT_TRUE(sockets_in(table, IPPROTO_TCP).empty());
}

TEST(CurrentFlows, what_is_malformed_is_passed_over) {
    for (std::size_t size = 0; size < kTcp6.size(); ++size) {
        EXPECT_LE(sockets_in(kTcp6.substr(0, size), IPPROTO_TCP).size(), 2U);
    }
    EXPECT_TRUE(sockets_in("   1: x:y ZZZZZZZZ:1 01\n 2: 1\n::::\n", IPPROTO_TCP).empty());
}

constexpr std::uint8_t kFin = 0x01;
constexpr std::uint8_t kSyn = 0x02;
constexpr std::uint8_t kRst = 0x04;
constexpr std::uint8_t kAck = 0x10;

// 10.0.0.`from` to 10.0.0.`to`, from port 1000 + from to 1000 + to.
std::vector<std::uint8_t> head(
    std::uint8_t from, std::uint8_t to, std::uint8_t protocol, std::uint8_t flags = 0
) {
    std::vector<std::uint8_t> packet(40);
    packet[0] = 0x45;
    packet[9] = protocol;
    packet[12] = packet[16] = 10;
    packet[15] = from;
    packet[19] = to;
    packet[20] = packet[22] = 1'000 >> 8U;
    packet[21] = static_cast<std::uint8_t>((1'000 + from) & 0xffU);
    packet[23] = static_cast<std::uint8_t>((1'000 + to) & 0xffU);
    packet[33] = flags;
    return packet;
}

TEST(HeadFlows, a_connection_is_one_once_it_is_answered_until_it_ends) {
    HeadFlows flows;
    flows.add(head(1, 2, IPPROTO_TCP, kSyn));
    EXPECT_TRUE(flows.take().empty()) << "a scan's attempt is nothing that could be cut";
    flows.add(head(2, 1, IPPROTO_TCP, kSyn | kAck));
    ASSERT_EQ(flows.take().size(), 1U);
    EXPECT_EQ(to_string(flows.take()[0]), "tcp 10.0.0.1:1001 -> 10.0.0.2:1002");
    flows.add(head(1, 2, IPPROTO_TCP, kFin | kAck));
    flows.add(head(2, 1, IPPROTO_TCP, kAck));
    EXPECT_TRUE(flows.take().empty());
    flows.add(head(1, 2, IPPROTO_TCP, kSyn));
    flows.add(head(2, 1, IPPROTO_TCP, kRst | kAck));
    EXPECT_TRUE(flows.take().empty()) << "refused";
    flows.add(head(1, 2, IPPROTO_TCP, kSyn));
    flows.add(head(2, 1, IPPROTO_TCP, kSyn | kAck));
    EXPECT_EQ(flows.take().size(), 1U) << "the same ports again";
}

TEST(HeadFlows, both_ways_are_one_flow_and_other_protocols_need_no_answer) {
    HeadFlows flows;
    flows.add(head(1, 2, IPPROTO_UDP));
    flows.add(head(2, 1, IPPROTO_UDP));
    flows.add(head(1, 2, IPPROTO_ICMP));
    ASSERT_EQ(flows.take().size(), 2U);
    EXPECT_EQ(to_string(flows.take()[0]), "icmp 10.0.0.1 -> 10.0.0.2");
}

TEST(HeadFlows, whatever_is_cut_off_is_passed_over) {
    const std::vector<std::uint8_t> whole = head(1, 2, IPPROTO_TCP, kAck);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        HeadFlows flows;
        flows.add(ByteView(whole).first(size));
        EXPECT_EQ(flows.take().size(), size < 34 ? 0U : 1U) << size;
    }
    std::vector<std::uint8_t> options = whole;
    options[0] = 0x4f;
    HeadFlows flows;
    flows.add(options);
    EXPECT_TRUE(flows.take().empty()) << "a header that is longer than what is there";
}

}  // namespace
}  // namespace phantom::daemon
