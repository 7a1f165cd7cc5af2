#pragma once

// Control frames: what two mesh nodes say to each other inside a WireGuard session, in place of an
// IP packet. The first byte is where a packet has its IP version, and no IP has version 15, so a
// frame costs the packets beside it nothing, and a stock peer drops it as malformed.
//
//     offset  size  field
//     0       1     0xF1
//     1       1     kind (whose message it is)
//     2       2     size of the payload, big endian (what follows may be WireGuard's padding)
//     4       ..    payload

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace phantom::wire {

inline constexpr std::uint8_t kControlFrameMark = 0xF1;
inline constexpr std::size_t kControlHeaderSize = 4;
// With padding, WireGuard, UDP and IPv6 around it the packet has 1,296 bytes: no fragments on any path
// that carries the tunnel's own packets.
inline constexpr std::size_t kControlPayloadSizeMax = 1'200;

enum class ControlKind : std::uint8_t {
    kMesh = 1,
    kPostQuantum = 2,
};

struct ControlFrame {
    ControlKind kind;
    ByteView payload;
};

// `inner` is a decrypted packet. None: not a control frame, or one of another kind or a wrong size.
[[nodiscard]] inline std::optional<ControlFrame> parse_control_frame(ByteView inner) {
    if (inner.size() < kControlHeaderSize || inner[0] != kControlFrameMark) {
        return std::nullopt;
    }
    const std::size_t size = load_be<std::uint16_t>(&inner[2]);
    const bool known = inner[1] == static_cast<std::uint8_t>(ControlKind::kMesh) ||
                       inner[1] == static_cast<std::uint8_t>(ControlKind::kPostQuantum);
    if (!known || size > kControlPayloadSizeMax || size > inner.size() - kControlHeaderSize) {
        return std::nullopt;
    }
    return ControlFrame{
        static_cast<ControlKind>(inner[1]), inner.subspan(kControlHeaderSize, size)
    };
}

inline void write_control_header(ControlKind kind, std::size_t payload_size, std::uint8_t* to) {
    to[0] = kControlFrameMark;
    to[1] = static_cast<std::uint8_t>(kind);
    store_be<std::uint16_t>(to + 2, static_cast<std::uint16_t>(payload_size));
}

}  // namespace phantom::wire
