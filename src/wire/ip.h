#pragma once

// What the tunnel needs to know of an inner packet: where it goes, where it came from, how long it
// says it is, its ECN bits.

#include <cstdint>

#include "base/bytes.h"
#include "wire/address.h"
#include "wire/errors.h"

namespace phantom::wire {

inline constexpr std::size_t kIpv4HeaderSize = 20;
inline constexpr std::size_t kIpv6HeaderSize = 40;
inline constexpr std::uint8_t kProtocolTcp = 6;
inline constexpr std::uint8_t kProtocolUdp = 17;

// RFC 3168: the two low bits of the TOS or traffic class.
enum class Ecn : std::uint8_t { kNotEct = 0, kEct1 = 1, kEct0 = 2, kCe = 3 };

struct IpPacket {
    Address source;
    Address destination;
    std::size_t total_size;   // as the header says; never more than was there
    std::size_t header_size;  // IPv4 with options; IPv6 fixed header only
    std::uint8_t protocol;    // IPv6: the next header, extension headers are not walked
    Ecn ecn;
};

// `packet` may be longer than the IP packet in it (padding). Refuses a version other than 4 or 6, a
// header or total length that is too small or exceeds `packet`.
[[nodiscard]] Result<IpPacket> parse_ip(ByteView packet);

// RFC 6040: marks an ECN-capable packet "congestion experienced", with its IPv4 header checksum.
// A packet that is not ECN-capable stays as it is. `packet` passed parse_ip.
void mark_congestion(MutableBytes packet);

}  // namespace phantom::wire
