#pragma once

// What the layers of one frame hand to each other.

#include "detect/decoder.h"

namespace phantom::detect {

inline constexpr std::uint16_t kEtherIpv4 = 0x0800;
inline constexpr std::uint16_t kEtherArp = 0x0806;
inline constexpr std::uint16_t kEtherVlan = 0x8100;
inline constexpr std::uint16_t kEtherQinQ = 0x88a8;
inline constexpr std::uint16_t kEtherQinQOld = 0x9100;
inline constexpr std::uint16_t kEtherIpv6 = 0x86dd;
inline constexpr std::uint16_t kEtherMpls = 0x8847;
inline constexpr std::uint16_t kEtherPppoeSession = 0x8864;
inline constexpr std::uint16_t kEtherBridge = 0x6558;
inline constexpr std::uint16_t kEtherErspan2 = 0x88be;
inline constexpr std::uint16_t kEtherNsh = 0x894f;

// RFC 1071: over what includes its own checksum, the sum is all ones.
inline constexpr std::uint16_t kValidSum = 0xffff;

struct Decoder::Work {
    Packet packet;
    const Sink& sink;
    unsigned layers = 0;

    // False where headers are nested without end.
    [[nodiscard]] bool enter() { return ++layers <= kLayersMax; }
    // What cannot be read any further is still shown.
    void stop(Event event) {
        packet.note(event);
        sink(packet);
    }
};

}  // namespace phantom::detect
