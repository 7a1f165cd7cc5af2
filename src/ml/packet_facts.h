#pragma once

// What the features of a flow are counted from: one inner packet, its headers only.

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "wire/address.h"

namespace phantom::ml {

// As in the TCP header.
inline constexpr std::uint8_t kFlagFin = 0x01;
inline constexpr std::uint8_t kFlagSyn = 0x02;
inline constexpr std::uint8_t kFlagReset = 0x04;
inline constexpr std::uint8_t kFlagPush = 0x08;
inline constexpr std::uint8_t kFlagAck = 0x10;

struct PacketFacts {
    std::int64_t time_us = 0;
    wire::Address source;
    wire::Address destination;
    std::uint16_t source_port = 0;  // of ICMP: the echo's identifier, in both
    std::uint16_t destination_port = 0;
    std::uint8_t protocol = 0;
    std::uint8_t ttl = 0;
    std::uint32_t size = 0;     // of the IP packet, as it says
    std::uint32_t payload = 0;  // behind the transport header
    // Of TCP.
    std::uint8_t flags = 0;
    std::uint16_t window = 0;
    std::uint32_t sequence = 0;

    [[nodiscard]] bool has(std::uint8_t wanted) const { return (flags & wanted) == wanted; }
};

// None: no IP packet, cut off in front of what is asked for, or a fragment that is not the first. IPv6
// extension headers are not walked: what is behind them has the protocol of the first and no ports.
[[nodiscard]] std::optional<PacketFacts> facts_of(ByteView packet, std::int64_t time_us);

}  // namespace phantom::ml
