#pragma once

// For tests only: inner packets between small numbers.

#include <algorithm>
#include <vector>

#include "base/bytes.h"
#include "behaviour/glimpse.h"

namespace phantom::behaviour::test {

using Packet = std::vector<std::uint8_t>;

// Addresses are 100.64.HIGH.LOW of a number.
inline Packet ip_packet(unsigned from, unsigned to, std::uint8_t protocol, const Packet& payload) {
    Packet packet(20 + payload.size());
    std::ranges::copy(payload, packet.begin() + 20);
    packet[0] = 0x45;
    store_be(&packet[2], static_cast<std::uint16_t>(packet.size()));
    packet[9] = protocol;
    const auto put = [&](std::size_t at, unsigned number) {
        packet[at] = 100;
        packet[at + 1] = 64;
        store_be(&packet[at + 2], static_cast<std::uint16_t>(number));
    };
    put(12, from);
    put(16, to);
    return packet;
}

struct End {
    unsigned host = 0;
    std::uint16_t port = 0;
};
inline Packet tcp_packet(End from, End to, std::uint8_t flags, std::size_t payload = 0) {
    Packet segment(20 + payload);
    store_be(segment.data(), from.port);
    store_be(&segment[2], to.port);
    segment[12] = 0x50;
    segment[13] = flags;
    return ip_packet(from.host, to.host, wire::kProtocolTcp, segment);
}

// What `to.host` answers to a datagram that nobody there wants.
inline Packet port_unreachable(End from, End to) {
    Packet datagram(8);
    store_be(datagram.data(), from.port);
    store_be(&datagram[2], to.port);
    store_be(&datagram[4], std::uint16_t{8});
    const Packet quoted = ip_packet(from.host, to.host, wire::kProtocolUdp, datagram);
    Packet error(8 + quoted.size());
    error[0] = error[1] = 3;
    std::ranges::copy(quoted, error.begin() + 8);
    return ip_packet(to.host, from.host, policy::kProtocolIcmp, error);
}

}  // namespace phantom::behaviour::test
