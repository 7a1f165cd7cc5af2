#pragma once

// Relaying: a WireGuard datagram for one member, carried inside the session with another one. The
// relay sees who sends to whom and how much; the datagram is sealed by keys that it does not have.
//
// A frame stands where an inner packet would (control_frame.h). At most two relays, named by the
// sender, so a frame cannot go in circles.
//
//     offset  size  field
//     0       1     0xF1
//     1       1     3
//     2       2     size of what follows without WireGuard's padding, big endian
//     4       1     count of relays, 1 or 2
//     5       1     how many of them it has passed
//     6       2     0
//     8       7     origin
//     15      7     first relay
//     22      7     second relay, or zeros
//     29      7     destination
//     36      ..    the datagram
//
// Inside a node the way over relays is written as an address, so that all that knows endpoints knows
// it too: 0100::/16 (of 0100::/8, which the IETF keeps unassigned), the first relay, the second.

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "wire/address.h"

namespace phantom::wire {

// The first 7 bytes of a node's id, as a number. 0: none.
using HopId = std::uint64_t;

inline constexpr std::size_t kHopIdSize = 7;
inline constexpr std::uint8_t kRelayFrameKind = 3;
inline constexpr std::size_t kRelayHeaderSize = 36;
inline constexpr std::uint8_t kRelaysMax = 2;

// Which relays, in the order of sending.
struct RelayRoute {
    HopId first = 0;
    HopId second = 0;  // 0: one relay

    [[nodiscard]] std::uint8_t count() const { return second == 0 ? 1 : 2; }
    // As the other end sees it.
    [[nodiscard]] RelayRoute reversed() const {
        return second == 0 ? *this : RelayRoute{second, first};
    }
    friend bool operator==(const RelayRoute&, const RelayRoute&) = default;
};

struct RelayHeader {
    HopId origin = 0;
    RelayRoute route;
    HopId destination = 0;
    std::uint8_t passed = 0;
    friend bool operator==(const RelayHeader&, const RelayHeader&) = default;
};

struct RelayFrame {
    RelayHeader header;
    std::size_t datagram_size;  // from kRelayHeaderSize on

    // Whose session a receiver must have it from, and where it goes next.
    [[nodiscard]] HopId sender() const;
    [[nodiscard]] HopId next() const;
};

// `bytes` is the beginning of a node id.
[[nodiscard]] HopId hop_id(const std::uint8_t* bytes);

// `inner` is a decrypted packet. None: not a relay frame, or a malformed one.
[[nodiscard]] std::optional<RelayFrame> parse_relay_frame(ByteView inner);
// kRelayHeaderSize bytes at `to`; the datagram follows.
void write_relay_header(const RelayHeader& header, std::size_t datagram_size, std::uint8_t* to);
// One relay further; on a frame that parse_relay_frame() took.
void pass_relay_frame(std::uint8_t* frame);

[[nodiscard]] SocketAddress relay_endpoint(const RelayRoute& route);
[[nodiscard]] bool is_relay(const Address& address);
[[nodiscard]] inline bool is_relay(const SocketAddress& endpoint) {
    return is_relay(endpoint.address);
}
// Of an address for which is_relay() holds.
[[nodiscard]] RelayRoute relay_route(const Address& address);

// A datagram's size inside the relay's session: header, padding, WireGuard.
[[nodiscard]] constexpr std::size_t relayed_plaintext_size(std::size_t datagram_size) {
    constexpr std::size_t kMultiple = 16;
    return (kRelayHeaderSize + datagram_size + kMultiple - 1) / kMultiple * kMultiple;
}

}  // namespace phantom::wire
