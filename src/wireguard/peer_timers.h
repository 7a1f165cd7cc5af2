#pragma once

// When the Device must look at a peer next (paper 6.1 to 6.6). Values only; device_timers.cpp acts
// on them. An Instant of zero means that nothing waits.

#include "base/clock.h"
#include "base/random.h"
#include "wireguard/constants.h"
#include "wireguard/path.h"

namespace phantom::wireguard {

struct PeerTimers {
    // A handshake is under way since; its next message is due at.
    Instant attempt_started;
    Instant initiation_due;
    // The last initiation or response we sent: the next initiation keeps kRekeyTimeout from it.
    Instant handshake_sent;
    // The last initiation of the peer's that we accepted.
    Instant initiation_accepted;
    // Look at the traffic again (Activity); set exactly while Activity::timers_armed is.
    Instant traffic_check;
    Instant persistent_keepalive_due;
    Instant erase_keys;
    Duration silence_jitter{};
    // The question a keepalive was already sent for, so that a slow shard is not asked twice.
    std::int64_t keepalive_sent_for_ns = 0;

    [[nodiscard]] bool handshake_in_progress() const { return !attempt_started.is_never(); }
    [[nodiscard]] Instant earliest() const;
    void stop_handshake();
};

// Paper 6.1: without it two peers that lost sight of each other would collide for ever.
[[nodiscard]] Duration rekey_jitter(Random& random);

// What the traffic of a peer asks for by now.
struct TrafficDue {
    bool keepalive = false;  // data was received kKeepaliveTimeout ago and nothing sent since
    bool handshake = false;  // data was sent kKeepaliveTimeout + kRekeyTimeout ago, no answer
    Instant look_again;      // zero: nothing is pending
    // The questions as they stood: Activity::unanswered_received_ns and unanswered_sent_ns.
    std::int64_t received_ns = 0;
    std::int64_t sent_ns = 0;
};
[[nodiscard]] TrafficDue evaluate_traffic(
    const Activity& activity, const PeerTimers& timers, Instant now
);

}  // namespace phantom::wireguard
