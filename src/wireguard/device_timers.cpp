// Time passes, or a shard reports: handshakes that we begin, keepalives, erasure (paper 6).

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "wireguard/device_impl.h"

namespace phantom::wireguard {

void Device::Impl::report(const PathReport& report, Instant now, WallTime wall, Actions& actions) {
    Peer* peer = find_peer(report.peer);
    if (peer == nullptr) {
        return;  // removed while the report was on its way
    }
    Event event{now, wall, actions};
    // kWantsHandshake stays claimed until the handshake completes or is given up.
    if (report.event != PathEvent::kWantsHandshake) {
        peer->path->clear(report.event);
    }
    // With every report, so that one lost in a full queue delays a session only until the next.
    confirm(*peer, event);
    switch (report.event) {
        case PathEvent::kWantsHandshake:
            on_wants_handshake(*peer, event);
            break;
        case PathEvent::kConfirmed:
            break;
        case PathEvent::kActive:
            on_active(*peer, event);
            break;
        case PathEvent::kRoamed:
            if (is_up_ && may_roam(peer->endpoint.get(), report.endpoint)) {
                set_endpoint(*peer, report.endpoint, actions);
            }
            break;
    }
    reschedule(*peer);
}

void Device::Impl::tick(Instant now, WallTime wall, Actions& actions) {
    Event event{now, wall, actions};
    const std::size_t sends_before = actions.sends.size();
    while (deadlines_.earliest() <= now &&
           actions.sends.size() - sends_before < kInitiationsPerTickMax) {
        auto& peer = static_cast<Peer&>(*deadlines_.first());
        run_timers(peer, event);
        reschedule(peer);
        PM_ASSERT(peer.timers.earliest() > now);
    }
}

void Device::Impl::run_timers(Peer& peer, Event& event) {
    if (!peer.timers.erase_keys.is_never() && peer.timers.erase_keys <= event.now) {
        erase_keys(peer, event.actions);
    }
    confirm(peer, event);
    check_traffic(peer, event);
    check_persistent_keepalive(peer, event);
    // Last, because the others may have asked for one.
    send_due_initiation(peer, event);
}

// The report may be late: what it asks for may have happened meanwhile.
void Device::Impl::on_wants_handshake(Peer& peer, Event& event) {
    if (!is_up_) {
        peer.path->clear(PathEvent::kWantsHandshake);
        event.actions.drop_staged.push_back(peer.id());
        return;
    }
    const Session* current = peer.sessions.current();
    if (peer.can_send(event.now) && !current->wants_rekey_after_send(event.now) &&
        !current->wants_rekey_after_receive(event.now)) {
        peer.path->clear(PathEvent::kWantsHandshake);
        event.actions.flush_staged.push_back(peer.id());
        return;
    }
    if (!peer.can_send(event.now)) {
        event.actions.wanted.push_back(peer.public_key());
    }
    want_handshake(peer, event.now);
    send_due_initiation(peer, event);
}

// `local_index` of the report is not asked: whatever session waits and has been heard is the one.
void Device::Impl::confirm(Peer& peer, Event& event) {
    Session* next = peer.sessions.next();
    if (next == nullptr || !next->confirmed.load(std::memory_order_seq_cst)) {
        return;
    }
    SessionSlots::Dropped dropped;
    peer.sessions.promote_next(dropped);
    publish_sessions(peer, dropped, event.actions);
    complete_handshake(peer, event);
}

void Device::Impl::on_active(Peer& peer, Event& event) {
    if (!is_up_ || !peer.timers.traffic_check.is_never()) {
        return;
    }
    peer.timers.silence_jitter = rekey_jitter(random_);
    peer.path->activity.timers_armed.store(true, std::memory_order_seq_cst);
    peer.timers.traffic_check = event.now;
    check_traffic(peer, event);
}

void Device::Impl::check_traffic(Peer& peer, Event& event) {
    PeerTimers& timers = peer.timers;
    if (timers.traffic_check.is_never() || timers.traffic_check > event.now) {
        return;
    }
    Activity& activity = peer.path->activity;
    TrafficDue due = evaluate_traffic(activity, timers, event.now);
    if (due.look_again.is_never()) {
        // Rest, then look once more: a shard that saw the timer armed until now told nobody.
        activity.timers_armed.store(false, std::memory_order_seq_cst);
        due = evaluate_traffic(activity, timers, event.now);
        activity.timers_armed.store(!due.look_again.is_never(), std::memory_order_seq_cst);
    }
    timers.traffic_check = due.look_again;
    if (due.keepalive) {
        timers.keepalive_sent_for_ns = due.received_ns;
        send_keepalive(peer, event.now, event.actions);
    }
    if (due.handshake) {
        // Paper 6.4. The next data sent asks anew; this question is answered by the handshake.
        std::int64_t asked = due.sent_ns;
        activity.unanswered_sent_ns.compare_exchange_strong(asked, 0, std::memory_order_relaxed);
        timers.silence_jitter = rekey_jitter(random_);
        forget_source(peer, event.actions);
        want_handshake(peer, event.now);
    }
}

// Paper 6.5: only a peer silent in both directions is prodded.
void Device::Impl::check_persistent_keepalive(Peer& peer, Event& event) {
    Instant& due = peer.timers.persistent_keepalive_due;
    if (due.is_never() || due > event.now) {
        return;
    }
    const Duration interval = std::chrono::seconds(peer.persistent_keepalive_s);
    const Instant last{peer.path->activity.last_traffic_ns.load(std::memory_order_relaxed)};
    if (!last.is_never() && last + interval > event.now) {
        due = last + interval;
        return;
    }
    due = event.now + interval;
    send_keepalive(peer, event.now, event.actions);
}

// With no session to send on, the handshake's own keepalive is the one.
void Device::Impl::send_keepalive(Peer& peer, Instant now, Actions& actions) {
    if (peer.can_send(now)) {
        actions.keepalives.push_back(peer.id());
    } else {
        want_handshake(peer, now);
    }
}

void Device::Impl::want_handshake(Peer& peer, Instant now) {
    PeerTimers& timers = peer.timers;
    if (!is_up_ || timers.handshake_in_progress()) {
        return;
    }
    timers.attempt_started = now;
    timers.initiation_due = now;
}

void Device::Impl::send_due_initiation(Peer& peer, Event& event) {
    PeerTimers& timers = peer.timers;
    if (timers.initiation_due.is_never() || timers.initiation_due > event.now) {
        return;
    }
    const Duration attempted = event.now - timers.attempt_started;
    if (attempted >= kRekeyAttemptTime) {
        give_up(peer, event);
        return;
    }
    // Paper 6.1: a response counts too, for the session it made deserves a chance.
    if (!timers.handshake_sent.is_never() && event.now - timers.handshake_sent < kRekeyTimeout) {
        timers.initiation_due = timers.handshake_sent + kRekeyTimeout + rekey_jitter(random_);
        return;
    }
    timers.initiation_due = event.now + kRekeyTimeout + rekey_jitter(random_);
    if (attempted >= kRekeyTimeout) {
        // Perhaps the answer is lost because of the address we ask from.
        forget_source(peer, event.actions);
    }
    send_initiation(peer, event);
}

void Device::Impl::send_initiation(Peer& peer, Event& event) {
    if (!identity_ || !peer.static_static || (!peer.endpoint && peer.also_call.empty())) {
        return;  // the settings may yet come; the attempt goes on until its end
    }
    drop_pending(peer);
    const std::uint32_t local_index = reserve_index(peer, event.actions);
    const Tai64n fresh = std::max(Tai64n::at(event.wall), peer.sent_timestamp.next());
    const Tai64n timestamp = peer.preshared_keys.only_for_control() ? fresh.marked() : fresh;
    wire::Initiation message;
    auto handshake = create_initiation(
        {.identity = *identity_,
         .remote_static = peer.public_key(),
         .static_static = *peer.static_static,
         .timestamp = timestamp,
         .local_index = local_index},
        random_, message
    );
    if (!handshake) {
        indices_.release(local_index);
        return;
    }
    peer.pending.emplace(std::move(*handshake));
    peer.sent_timestamp = timestamp;
    ++counters_.handshakes_initiated;
    if (!peer.endpoint) {
        set_endpoint(peer, {peer.also_call.front(), {}, 0}, event.actions);
    }
    send_message(peer, {reinterpret_cast<std::uint8_t*>(&message), sizeof message}, event);
    for (const wire::SocketAddress& place : std::exchange(peer.also_call, {})) {
        if (place != peer.endpoint->remote) {
            SendMessage copy = event.actions.sends.back();
            copy.to = {place, {}, 0};
            event.actions.sends.push_back(copy);
        }
    }
}

// Paper 6.4: no packet waits for ever. The next one begins a new attempt.
void Device::Impl::give_up(Peer& peer, Event& event) {
    peer.timers.stop_handshake();
    drop_pending(peer);
    peer.path->activity.unanswered_received_ns.store(0, std::memory_order_relaxed);
    event.actions.drop_staged.push_back(peer.id());
    peer.path->clear(PathEvent::kWantsHandshake);
}

}  // namespace phantom::wireguard
