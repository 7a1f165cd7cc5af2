#include "wireguard/path.h"

namespace phantom::wireguard {

// The stores that begin a question and the loads of `timers_armed` are sequentially consistent, as
// are their mirror images on the control thread (peer_timers.cpp): either the shard sees that no
// timer is armed, or the control thread sees the question before it lets the timer rest.

bool Activity::on_sent(Instant now, bool data) {
    last_traffic_ns.store(now.ns, std::memory_order_relaxed);
    const std::int64_t oldest = unanswered_received_ns.load(std::memory_order_relaxed);
    if (oldest != 0) {
        // Any packet answers what was received. A keepalive that answers data of which more came
        // meanwhile is followed by another one, unless data goes out before that.
        const bool another =
            !data && last_data_received_ns.load(std::memory_order_relaxed) > oldest;
        unanswered_received_ns.store(another ? now.ns : 0, std::memory_order_seq_cst);
    }
    if (data) {
        last_data_sent_ns.store(now.ns, std::memory_order_relaxed);
    }
    if (data && unanswered_sent_ns.load(std::memory_order_relaxed) == 0) {
        unanswered_sent_ns.store(now.ns, std::memory_order_seq_cst);
    }
    return wants_timer();
}

bool Activity::on_received(Instant now, bool data) {
    last_traffic_ns.store(now.ns, std::memory_order_relaxed);
    if (unanswered_sent_ns.load(std::memory_order_relaxed) != 0) {
        unanswered_sent_ns.store(0, std::memory_order_relaxed);
    }
    // Paper 6.5: only data is answered by a keepalive, so keepalives never answer each other.
    if (data) {
        last_data_received_ns.store(now.ns, std::memory_order_relaxed);
        if (unanswered_received_ns.load(std::memory_order_relaxed) == 0) {
            unanswered_received_ns.store(now.ns, std::memory_order_seq_cst);
        }
    }
    return wants_timer();
}

void Activity::on_handshake_sent(Instant now) {
    last_traffic_ns.store(now.ns, std::memory_order_relaxed);
    unanswered_received_ns.store(0, std::memory_order_relaxed);
}

void Activity::on_handshake_received(Instant now) {
    last_traffic_ns.store(now.ns, std::memory_order_relaxed);
    unanswered_sent_ns.store(0, std::memory_order_relaxed);
}

void Activity::reset() {
    unanswered_sent_ns.store(0, std::memory_order_relaxed);
    unanswered_received_ns.store(0, std::memory_order_relaxed);
    timers_armed.store(false, std::memory_order_relaxed);
}

bool Activity::wants_timer() const {
    if (timers_armed.load(std::memory_order_seq_cst)) {
        return false;
    }
    return unanswered_sent_ns.load(std::memory_order_relaxed) != 0 ||
           unanswered_received_ns.load(std::memory_order_relaxed) != 0;
}

}  // namespace phantom::wireguard
