#pragma once

// Where what lies in the headers of TCP and UDP. RFC 9293, RFC 768.

#include <cstddef>
#include <cstdint>

namespace phantom::wire {

inline constexpr std::size_t kTcpHeaderSizeMin = 20;
inline constexpr std::size_t kTcpFlagsOffset = 13;
inline constexpr std::uint16_t kTcpChecksumOffset = 16;
inline constexpr std::uint8_t kTcpFin = 0x01;
inline constexpr std::uint8_t kTcpPsh = 0x08;
inline constexpr std::uint8_t kTcpAck = 0x10;
inline constexpr std::uint8_t kTcpCwr = 0x80;

inline constexpr std::size_t kUdpHeaderSize = 8;
inline constexpr std::uint16_t kUdpChecksumOffset = 6;

}  // namespace phantom::wire
