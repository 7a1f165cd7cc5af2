#include "policy/flow.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

namespace phantom::policy {
namespace {

using Packet = std::vector<std::uint8_t>;
using Role = PacketView::Role;

Packet joined(const Packet& front, const Packet& back) {
    Packet both(front.size() + back.size());
    std::ranges::copy(back, std::ranges::copy(front, both.begin()).out);
    return both;
}

// From 10.0.0.1 to 10.0.0.2.
Packet v4(std::uint8_t protocol, const Packet& payload, std::uint16_t fragment = 0) {
    Packet packet(20 + payload.size());
    packet[0] = 0x45;
    store_be(&packet[2], static_cast<std::uint16_t>(20 + payload.size()));
    store_be(&packet[4], std::uint16_t{77});
    store_be(&packet[6], fragment);
    packet[9] = protocol;
    packet[12] = packet[16] = 10;
    packet[15] = 1;
    packet[19] = 2;
    std::ranges::copy(payload, packet.begin() + 20);
    return packet;
}

// From ::1 to ::2.
Packet v6(std::uint8_t next, const Packet& payload) {
    Packet packet(40 + payload.size());
    packet[0] = 0x60;
    store_be(&packet[4], static_cast<std::uint16_t>(payload.size()));
    packet[6] = next;
    packet[23] = 1;
    packet[39] = 2;
    std::ranges::copy(payload, packet.begin() + 40);
    return packet;
}

Packet ports(std::uint16_t source, std::uint16_t destination, std::size_t size = 8) {
    Packet payload(size);
    store_be(&payload[0], source);
    store_be(&payload[2], destination);
    return payload;
}

Packet tcp(std::uint8_t flags) {
    Packet payload = ports(40'000, 22, 20);
    payload[13] = flags;
    return payload;
}

std::optional<PacketView> view(const Packet& packet) {
    return view_packet(packet, wire::parse_ip(packet).value());
}

TEST(PacketView, has_the_ports_of_tcp_and_udp) {
    for (const Packet& packet : {v4(17, ports(1000, 53)), v6(17, ports(1000, 53))}) {
        const auto seen = view(packet).value();
        EXPECT_EQ(seen.role, Role::kWhole);
        EXPECT_EQ(seen.flow.source_port, 1000);
        EXPECT_EQ(seen.flow.destination_port, 53);
        EXPECT_EQ(seen.flow.protocol, 17);
    }
    EXPECT_FALSE(view(v4(17, {0, 1, 2})).has_value()) << "cut off";
}

TEST(PacketView, knows_what_begins_a_tcp_connection) {
    EXPECT_TRUE(view(v4(6, tcp(0x02)))->begins_tcp);
    EXPECT_FALSE(view(v4(6, tcp(0x12)))->begins_tcp);
    EXPECT_FALSE(view(v4(6, tcp(0x10)))->begins_tcp);
    EXPECT_TRUE(view(v4(6, ports(1, 2)))->begins_tcp) << "its flags are not to be seen";
}

TEST(PacketView, an_echo_is_answered_by_a_reply_of_its_identifier) {
    const auto request = view(v4(1, {8, 0, 0, 0, 0, 7, 0, 1})).value();
    const auto reply = view(v4(1, {0, 0, 0, 0, 0, 7, 0, 1})).value();
    EXPECT_EQ(request.flow.kind, Flow::Kind::kEchoRequest);
    EXPECT_EQ(request.flow.source_port, 7);
    Flow turned = request.flow.reversed();
    std::swap(turned.source, turned.destination);
    EXPECT_EQ(turned, reply.flow);
    EXPECT_NE(request.flow, reply.flow);
    EXPECT_EQ(view(v6(58, {129, 0, 0, 0, 0, 7, 0, 1}))->flow.kind, Flow::Kind::kEchoReply);
}

TEST(PacketView, fragments_are_told_apart) {
    const auto first = view(v4(17, ports(1000, 53), 0x2000)).value();
    EXPECT_EQ(first.role, Role::kFirstFragment);
    EXPECT_EQ(first.flow.destination_port, 53);
    EXPECT_EQ(first.fragment_id, 77U);
    const auto later = view(v4(17, ports(1000, 53), 0x0001)).value();
    EXPECT_EQ(later.role, Role::kLaterFragment);
    EXPECT_EQ(later.flow.destination_port, 0);
    Packet header{17, 0, 0, 1, 0, 0, 0, 9};
    const Packet behind = ports(1000, 53);
    header = joined(header, behind);
    const auto v6_first = view(v6(44, header)).value();
    EXPECT_EQ(v6_first.role, Role::kFirstFragment);
    EXPECT_EQ(v6_first.flow.protocol, 17);
    EXPECT_EQ(v6_first.flow.destination_port, 53);
    header[3] = 8;
    EXPECT_EQ(view(v6(44, header))->role, Role::kLaterFragment);
    header[3] = 0;
    EXPECT_EQ(view(v6(44, header))->role, Role::kWhole) << "RFC 6946";
}

TEST(PacketView, an_error_is_about_the_packet_it_quotes) {
    Packet quoted = v4(17, ports(53, 1000));
    std::swap(quoted[15], quoted[19]);  // 10.0.0.2 had sent it
    Packet error{3, 3, 0, 0, 0, 0, 0, 0};
    error = joined(error, quoted);
    const auto seen = view(v4(1, error)).value();
    EXPECT_EQ(seen.role, Role::kIcmpError);
    EXPECT_EQ(seen.flow.source_port, 53);
    EXPECT_EQ(seen.flow.source.to_string(), "10.0.0.2");
    error[8 + 15] = 9;
    EXPECT_FALSE(view(v4(1, error)).has_value()) << "whoever gets it has not sent that packet";
    Packet quoted6 = v6(6, tcp(0x02));
    std::swap(quoted6[23], quoted6[39]);
    Packet too_big{2, 0, 0, 0, 0, 0, 5, 0};
    too_big = joined(too_big, quoted6);
    EXPECT_EQ(view(v6(58, too_big))->role, Role::kIcmpError);
    too_big.resize(8 + 39);
    EXPECT_FALSE(view(v6(58, too_big)).has_value());
}

TEST(PacketView, behind_other_headers_it_is_of_their_protocol) {
    EXPECT_EQ(view(v6(0, ports(1, 2)))->flow.protocol, 0);
    EXPECT_EQ(view(v4(132, ports(1, 2)))->flow.source_port, 0);
}

}  // namespace
}  // namespace phantom::policy
