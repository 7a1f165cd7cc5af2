#pragma once

// When beacons are said on the local network, and which of those heard are believed. A state machine
// without I/O: the daemon owns the sockets. Who is named in a beacon is only tried: WireGuard tells
// whether it is there.
//
// Owner and thread: the daemon's control thread.

#include <optional>
#include <vector>

#include "base/random.h"
#include "reach/beacon.h"
#include "wire/address.h"

namespace phantom::reach {

// Administratively scoped (RFC 2365 section 6.1) and of the link alone (RFC 4291 section 2.7).
inline constexpr std::uint16_t kBeaconPort = 51'821;
[[nodiscard]] wire::SocketAddress beacon_group_v4();
[[nodiscard]] wire::SocketAddress beacon_group_v6();

// After a start, a change of the network, or a member that was not heard before; the first datagrams
// may be lost.
inline constexpr unsigned kBeaconBurst = 3;
inline constexpr Duration kBeaconBurstInterval = std::chrono::seconds(1);
inline constexpr Duration kBeaconInterval = std::chrono::seconds(30);
// A member is no longer a neighbour when three of its beacons are missing.
inline constexpr Duration kNeighbourTimeout = 3 * kBeaconInterval;
inline constexpr std::size_t kNeighboursMax = 64;
// Datagrams looked at in a second; more are a flood.
inline constexpr unsigned kBeaconsHeardMax = 64;

class LanDiscovery {
  public:
    struct Neighbour {
        std::uint64_t member;
        wire::SocketAddress endpoint;
        Instant heard;
    };

    LanDiscovery(ByteView shared, std::uint64_t self) : keys_(shared), self_(self) {}

    // The network has changed: say it anew.
    void begin(Instant now);
    // Whether a beacon is to be said now, on every network.
    [[nodiscard]] bool due(Instant now, Random& random);
    [[nodiscard]] EncodedBeacon say(std::uint16_t port, WallTime wall) const;
    // Where the member is that said it. None: not one of ours, or said by ourselves.
    [[nodiscard]] std::optional<Neighbour> hear(
        const wire::SocketAddress& from, ByteView datagram, Instant now, WallTime wall
    );
    [[nodiscard]] Instant deadline() const { return next_; }
    [[nodiscard]] const std::vector<Neighbour>& neighbours() const { return neighbours_; }

  private:
    [[nodiscard]] bool may_listen(Instant now);

    BeaconKeys keys_;
    std::uint64_t self_;
    unsigned burst_left_ = kBeaconBurst;
    Instant next_;
    Instant second_began_;
    unsigned heard_in_second_ = 0;
    std::vector<Neighbour> neighbours_;
};

}  // namespace phantom::reach
