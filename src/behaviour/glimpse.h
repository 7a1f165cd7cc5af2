#pragma once

// What the watch over behaviour needs of an inner packet.

#include <cstdint>
#include <optional>

#include "policy/flow.h"

namespace phantom::behaviour {

// The four bits that make and end a connection, as in the TCP header.
inline constexpr std::uint8_t kFin = 0x01;
inline constexpr std::uint8_t kSyn = 0x02;
inline constexpr std::uint8_t kReset = 0x04;
inline constexpr std::uint8_t kAck = 0x10;

struct Glimpse {
    policy::Flow flow;
    bool is_error = false;  // an ICMP error; `flow` is what it quotes, as that was sent
    std::uint8_t tcp_flags = 0;
    std::size_t size = 0;               // of the whole packet
    std::uint32_t sequence = 0;         // of TCP
    std::uint32_t acknowledgement = 0;  // likewise
    ByteView payload;                   // of TCP and UDP; borrowed from the packet

    [[nodiscard]] bool has(std::uint8_t flags) const { return (tcp_flags & flags) == flags; }
    [[nodiscard]] bool begins() const { return has(kSyn) && !has(kAck); }
};

// None: cut off, or a fragment without a transport header.
[[nodiscard]] std::optional<Glimpse> glimpse_of(ByteView packet);

}  // namespace phantom::behaviour
