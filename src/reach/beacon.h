#pragma once

// "A member of your mesh is here", said to everybody on the local network in a way that only members
// understand: to others each beacon is 34 random bytes. Source: docs/protocol.md, "On the local network".
//
//     mac = BLAKE2s-128(mac key, body)      body = time, member, port
//     beacon = mac || (body XOR BLAKE2s(mask key, mac))
//
// The time is in nanoseconds, so no two are alike and none is of use a few minutes later.

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "base/clock.h"
#include "reach/errors.h"

namespace phantom::reach {

inline constexpr std::size_t kBeaconSize = 34;
// As much as descriptors allow clocks to differ.
inline constexpr Duration kBeaconLifetime = std::chrono::minutes(5);

using EncodedBeacon = std::array<std::uint8_t, kBeaconSize>;

struct Beacon {
    WallTime time;
    std::uint64_t member = 0;  // wire::HopId: the beginning of its id
    std::uint16_t port = 0;
    friend bool operator==(const Beacon&, const Beacon&) = default;
};

// What the members of a mesh share and nobody else is told.
class BeaconKeys {
  public:
    explicit BeaconKeys(ByteView shared);

    [[nodiscard]] EncodedBeacon seal(const Beacon& beacon) const;
    // kNotOurs: of another mesh, or of nobody. kStale.
    [[nodiscard]] Result<Beacon> open(ByteView datagram, WallTime now) const;

  private:
    std::array<std::uint8_t, 32> mac_key_{};
    std::array<std::uint8_t, 32> mask_key_{};
};

}  // namespace phantom::reach
