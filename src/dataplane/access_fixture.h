#pragma once

// For tests and benchmarks only: packets between two members, and policies about them.

#include <algorithm>
#include <string>
#include <vector>

#include "base/assert.h"
#include "dataplane/access.h"

namespace phantom::dataplane::test {

using Packet = std::vector<std::uint8_t>;

inline constexpr std::uint8_t kSyn = 0x02;
inline constexpr std::uint8_t kSynAck = 0x12;
inline constexpr std::uint8_t kAckOnly = 0x10;

// Members 1 and 2 are 100.64.0.1 and 100.64.0.2.
inline Packet ipv4(int from, int to, std::uint8_t protocol, const Packet& payload) {
    Packet packet(20 + payload.size());
    packet[0] = 0x45;
    store_be(&packet[2], static_cast<std::uint16_t>(20 + payload.size()));
    packet[9] = protocol;
    packet[12] = packet[16] = 100;
    packet[13] = packet[17] = 64;
    packet[15] = static_cast<std::uint8_t>(from);
    packet[19] = static_cast<std::uint8_t>(to);
    std::ranges::copy(payload, packet.begin() + 20);
    return packet;
}

inline Packet tcp(int from, int to, std::uint16_t source, std::uint16_t port, std::uint8_t flags) {
    Packet payload(20);
    store_be(&payload[0], source);
    store_be(&payload[2], port);
    payload[13] = flags;
    return ipv4(from, to, wire::kProtocolTcp, payload);
}

inline Packet udp(int from, int to, std::uint16_t source, std::uint16_t port) {
    Packet payload(16);
    store_be(&payload[0], source);
    store_be(&payload[2], port);
    return ipv4(from, to, wire::kProtocolUdp, payload);
}

// Between two addresses that are nobody's.
inline Packet udp6(std::uint16_t source, std::uint16_t port) {
    Packet packet(40 + 16);
    packet[0] = 0x60;
    store_be(&packet[4], std::uint16_t{16});
    packet[6] = wire::kProtocolUdp;
    packet[8] = packet[24] = 0xfd;
    packet[39] = 1;
    store_be(&packet[40], source);
    store_be(&packet[42], port);
    return packet;
}

inline Packet echo(int from, int to, bool request, std::uint8_t identifier) {
    const std::uint8_t type = request ? 8 : 0;
    return ipv4(from, to, policy::kProtocolIcmp, {type, 0, 0, 0, 0, identifier, 0, 1});
}

inline Packet fragment(Packet packet, std::uint16_t field, std::uint16_t id) {
    store_be(&packet[4], id);
    store_be(&packet[6], field);
    return packet;
}

// From `from`, about a packet that `to` has sent.
inline Packet unreachable(int from, int to, const Packet& about) {
    Packet payload(8 + 28);
    payload[0] = 3;
    std::copy_n(about.begin(), 28, payload.begin() + 8);
    return ipv4(from, to, policy::kProtocolIcmp, payload);
}

inline std::shared_ptr<const policy::CompiledPolicy> compiled(const std::string& grants) {
    const auto document = policy::parse_document("{\"grants\": [" + grants + "]}");
    PM_ASSERT(document.has_value());
    return std::make_shared<policy::CompiledPolicy>(
        *document,
        std::vector<policy::Member>{
            {"one", {}, {wire::Address::parse("100.64.0.1").value()}},
            {"two", {}, {wire::Address::parse("100.64.0.2").value()}},
        }
    );
}

}  // namespace phantom::dataplane::test
