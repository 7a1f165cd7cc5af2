#pragma once

// TAI64N timestamps (https://cr.yp.to/libtai/tai64.html), as initiations carry them (paper 5.4.2):
// 8 bytes of seconds and 4 of nanoseconds, big endian, so that they compare as bytes.

#include <array>
#include <compare>
#include <cstdint>

#include "base/clock.h"

namespace phantom::wireguard {

struct Tai64n {
    std::array<std::uint8_t, 12> bytes{};  // all zero: before any real time

    friend auto operator<=>(const Tai64n&, const Tai64n&) = default;

    // The 24 low bits of the nanoseconds are masked (about 16.8 ms), so that a handshake does not
    // show the fine state of our clock to an observer of its timing.
    [[nodiscard]] static Tai64n at(WallTime wall);
    // The lowest bit, always zero in a masked timestamp, is how an initiator tells a mesh peer that it
    // has no pre-shared key but the bootstrap one. Encrypted like the rest; others take no notice.
    [[nodiscard]] Tai64n marked() const;
    [[nodiscard]] bool is_marked() const { return (bytes.back() & 1U) != 0; }
    // The smallest masked timestamp greater than this one.
    [[nodiscard]] Tai64n next() const;
};

}  // namespace phantom::wireguard
