#include "reach/lan_discovery.h"

#include <algorithm>

namespace phantom::reach {

wire::SocketAddress beacon_group_v4() {
    constexpr std::array<std::uint8_t, 4> kGroup{239, 255, 80, 77};
    return {.address = wire::Address::v4(kGroup.data()), .port = kBeaconPort};
}

wire::SocketAddress beacon_group_v6() {
    constexpr std::array<std::uint8_t, 16> kGroup{0xff, 0x12, 0, 0, 0, 0, 0,    0,
                                                  0,    0,    0, 0, 0, 0, 0x50, 0x4d};
    return {.address = wire::Address::v6(kGroup.data()), .port = kBeaconPort};
}

void LanDiscovery::begin(Instant now) {
    burst_left_ = kBeaconBurst;
    next_ = std::min(next_, now);
    neighbours_.clear();
}

// Not all at the same moment: up to a quarter later.
bool LanDiscovery::due(Instant now, Random& random) {
    if (now < next_) {
        return false;
    }
    const Duration interval = burst_left_ > 0 ? kBeaconBurstInterval : kBeaconInterval;
    burst_left_ -= burst_left_ > 0 ? 1 : 0;
    next_ = now + interval +
            Duration(static_cast<std::int64_t>(
                random.below(static_cast<std::uint64_t>(interval.count()) / 4)
            ));
    std::erase_if(neighbours_, [now](const Neighbour& each) {
        return now - each.heard > kNeighbourTimeout;
    });
    return true;
}

EncodedBeacon LanDiscovery::say(std::uint16_t port, WallTime wall) const {
    return keys_.seal({.time = wall, .member = self_, .port = port});
}

bool LanDiscovery::may_listen(Instant now) {
    if (now - second_began_ >= std::chrono::seconds(1)) {
        second_began_ = now;
        heard_in_second_ = 0;
    }
    return heard_in_second_++ < kBeaconsHeardMax;
}

std::optional<LanDiscovery::Neighbour> LanDiscovery::hear(
    const wire::SocketAddress& from, ByteView datagram, Instant now, WallTime wall
) {
    if (!may_listen(now)) {
        return std::nullopt;
    }
    const auto beacon = keys_.open(datagram, wall);
    if (!beacon || beacon->member == self_ || beacon->port == 0) {
        return std::nullopt;
    }
    Neighbour heard{beacon->member, from, now};
    heard.endpoint.port = beacon->port;
    const auto known = std::ranges::find_if(neighbours_, [&](const Neighbour& each) {
        return each.member == heard.member && each.endpoint == heard.endpoint;
    });
    if (known != neighbours_.end()) {
        known->heard = now;
    } else if (neighbours_.size() < kNeighboursMax) {
        neighbours_.push_back(heard);
        // It may have come after our last beacon; and both should try at the same moment.
        burst_left_ = std::max(burst_left_, 1U);
        next_ = std::min(next_, now);
    }
    return heard;
}

}  // namespace phantom::reach
