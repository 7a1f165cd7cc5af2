#pragma once

// A packet taken apart: what a rule may ask of it without looking into a stream.

#include <bitset>
#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "detect/events.h"
#include "wire/address.h"

namespace phantom::detect {

inline constexpr std::uint8_t kIpIcmp = 1;
inline constexpr std::uint8_t kIpIgmp = 2;
inline constexpr std::uint8_t kIpTcp = 6;
inline constexpr std::uint8_t kIpUdp = 17;
inline constexpr std::uint8_t kIpIcmpv6 = 58;
inline constexpr std::uint8_t kIpSctp = 132;

enum class Direction : std::uint8_t { kToServer, kToClient };
[[nodiscard]] constexpr Direction opposite(Direction direction) {
    return direction == Direction::kToServer ? Direction::kToClient : Direction::kToServer;
}

using EventSet = std::bitset<static_cast<std::size_t>(Event::kCount)>;

struct TcpHeader {
    std::uint32_t sequence = 0;
    std::uint32_t acknowledgement = 0;
    std::uint16_t window = 0;
    std::uint16_t urgent = 0;
    std::uint8_t flags = 0;

    [[nodiscard]] bool has(std::uint8_t wanted) const { return (flags & wanted) == wanted; }
};

inline constexpr std::uint8_t kTcpFinFlag = 0x01;
inline constexpr std::uint8_t kTcpSynFlag = 0x02;
inline constexpr std::uint8_t kTcpRstFlag = 0x04;
inline constexpr std::uint8_t kTcpAckFlag = 0x10;

// The views borrow from the frame, or from the decoder where fragments were joined.
struct Packet {
    enum class Network : std::uint8_t { kNone, kArp, kIpv4, kIpv6 };
    enum class Origin : std::uint8_t { kWire, kTunnel, kDefragmented, kFlowEnd };

    std::uint64_t time_us = 0;
    std::uint64_t number = 0;  // in the capture, from 1
    std::uint32_t link_type = 0;
    Origin origin = Origin::kWire;
    Network network = Network::kNone;
    ByteView frame{};
    ByteView ip{};         // the datagram, without padding; ARP: the message
    ByteView ip_header{};  // IPv6: with extension headers
    ByteView transport{};  // header and payload
    ByteView payload{};
    std::vector<std::uint16_t> vlans{};

    wire::Address source{};
    wire::Address destination{};
    std::uint16_t source_port = 0;
    std::uint16_t destination_port = 0;
    std::uint8_t protocol = 0;
    std::uint8_t ttl = 0;
    bool is_fragment = false;
    bool has_transport = false;  // its header could be read
    bool checksum_ok = true;
    TcpHeader tcp{};
    std::uint8_t icmp_type = 0;
    std::uint8_t icmp_code = 0;
    EventSet events{};

    void note(Event event) { events.set(static_cast<std::size_t>(event)); }
    [[nodiscard]] bool has(Event event) const {
        return events.test(static_cast<std::size_t>(event));
    }
    [[nodiscard]] bool is_tcp() const { return has_transport && protocol == kIpTcp; }
    [[nodiscard]] bool is_udp() const { return has_transport && protocol == kIpUdp; }
    [[nodiscard]] bool is_icmp() const {
        return has_transport && (protocol == kIpIcmp || protocol == kIpIcmpv6);
    }
    [[nodiscard]] bool is_ip() const {
        return network == Network::kIpv4 || network == Network::kIpv6;
    }
};

}  // namespace phantom::detect
