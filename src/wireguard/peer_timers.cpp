#include "wireguard/peer_timers.h"

#include <algorithm>

namespace phantom::wireguard {

namespace {

// Zero stands for "never", so it must not win a minimum.
Instant or_far(Instant at) {
    return at.is_never() ? kFarFuture : at;
}

}  // namespace

Instant PeerTimers::earliest() const {
    return std::min(
        {or_far(initiation_due), or_far(traffic_check), or_far(persistent_keepalive_due),
         or_far(erase_keys)}
    );
}

void PeerTimers::stop_handshake() {
    attempt_started = {};
    initiation_due = {};
}

Duration rekey_jitter(Random& random) {
    return Duration(random.below(static_cast<std::uint64_t>(kRekeyTimeoutJitterMax.count()) + 1));
}

TrafficDue evaluate_traffic(const Activity& activity, const PeerTimers& timers, Instant now) {
    const std::int64_t received = activity.unanswered_received_ns.load(std::memory_order_seq_cst);
    const std::int64_t sent = activity.unanswered_sent_ns.load(std::memory_order_seq_cst);
    TrafficDue due{.look_again = {}, .received_ns = received, .sent_ns = sent};
    Instant next = kFarFuture;
    if (received != 0 && received != timers.keepalive_sent_for_ns) {
        const Instant keepalive_at = Instant{received} + kKeepaliveTimeout;
        due.keepalive = keepalive_at <= now;
        next = std::min(next, due.keepalive ? kFarFuture : keepalive_at);
    }
    if (sent != 0) {
        const Instant handshake_at =
            Instant{sent} + kKeepaliveTimeout + kRekeyTimeout + timers.silence_jitter;
        due.handshake = handshake_at <= now;
        next = std::min(next, due.handshake ? kFarFuture : handshake_at);
    }
    if (sent == 0 && received == 0) {
        return due;
    }
    // Never later than kKeepaliveTimeout: while armed, traffic that begins tells nobody.
    due.look_again = std::min(next, now + kKeepaliveTimeout);
    return due;
}

}  // namespace phantom::wireguard
