#pragma once

// How much of a relay one member may use: so much at once, then so much a second, for each shard. Generous:
// a line at home is slower. What is beyond is dropped and counted, as a full link would drop it, so one
// member's transfer cannot take the relay from all others.
//
// Owner and thread: a shard. Members share a slot when their ids meet; the later one then begins anew.

#include <algorithm>
#include <array>
#include <memory>

#include "base/clock.h"
#include "wire/relay_frame.h"

namespace phantom::dataplane {

inline constexpr std::size_t kRelayShares = 1'024;
inline constexpr std::int64_t kRelayedBytesPerSecond = 64LL << 20U;
inline constexpr Duration kRelayedBurst = std::chrono::milliseconds(250);

class RelayShare {
  public:
    // False: this member has had its share for now.
    [[nodiscard]] bool take(wire::HopId sender, std::size_t bytes, Instant now) {
        Slot& slot = (*slots_)[sender % kRelayShares];
        if (slot.sender != sender) {
            slot = {sender, now};
        }
        const Instant begun = std::max(slot.paid_until, now);
        if (begun - now > Duration(kRelayedBurst)) {
            return false;
        }
        const auto ns = static_cast<std::int64_t>(bytes) * 1'000'000'000 / kRelayedBytesPerSecond;
        slot.paid_until = begun + Duration(ns);
        return true;
    }

  private:
    struct Slot {
        wire::HopId sender = 0;
        Instant paid_until;
    };
    std::unique_ptr<std::array<Slot, kRelayShares>> slots_ =
        std::make_unique<std::array<Slot, kRelayShares>>();
};

}  // namespace phantom::dataplane
