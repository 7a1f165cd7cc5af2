#pragma once

// Which kernel offloads are in use. Asked for at creation, proven at start-up (offload_probe.h),
// taken back one by one when the kernel refuses at run time.

#include <cstdint>
#include <string>
#include <string_view>

namespace phantom::io {

// Linux UDP_MAX_SEGMENTS: 64 before 6.9, 128 since.
inline constexpr std::uint16_t kGsoSegmentsMax = 128;

struct Offloads {
    bool tso = true;  // TUN: TCP super-packets, both ways
    bool uso = true;  // TUN: UDP super-packets, both ways
    bool gso = true;  // UDP socket: one send, many datagrams
    bool gro = true;  // UDP socket: one receive, many datagrams
    std::uint16_t gso_segments_max = kGsoSegmentsMax;

    friend bool operator==(const Offloads&, const Offloads&) = default;

    // "tso uso gso(128) gro" or "none".
    [[nodiscard]] std::string to_string() const;
    // An operator's switch: "-gso,-gro" takes those away from all. Unknown words are ignored by
    // returning false, with nothing changed.
    [[nodiscard]] bool restrict_by(std::string_view text);
};

}  // namespace phantom::io
