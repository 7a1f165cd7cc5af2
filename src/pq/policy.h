#pragma once

// What a link's policy makes of the key that its WireGuard session stands on.

#include <cstdint>

namespace phantom::pq {

enum class PqPolicy : std::uint8_t {
    kOff,      // never wait for an exchange
    kPrefer,   // user data may flow before the first one, never again without
    kRequire,  // user data waits for one
};

// What the session's pre-shared key is worth.
enum class PskKind : std::uint8_t { kBootstrap, kPostQuantum };

enum class DataVerdict : std::uint8_t {
    kAllow,
    kHold,             // control messages only, until an exchange is confirmed
    kRefuseDowngrade,  // as kHold, and worth an event: this peer has done better before
};

struct LinkState {
    PqPolicy policy = PqPolicy::kPrefer;
    PskKind session = PskKind::kBootstrap;
    bool peer_seen_post_quantum = false;  // ever, restarts included: pin it
};

[[nodiscard]] constexpr DataVerdict may_user_data_flow(const LinkState& link) {
    if (link.policy == PqPolicy::kOff || link.session == PskKind::kPostQuantum) {
        return DataVerdict::kAllow;
    }
    if (link.peer_seen_post_quantum) {
        return DataVerdict::kRefuseDowngrade;
    }
    return link.policy == PqPolicy::kRequire ? DataVerdict::kHold : DataVerdict::kAllow;
}

}  // namespace phantom::pq
