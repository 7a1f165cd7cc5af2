// A handshake message comes in (paper 5.4). The order of the checks is the order of their cost: a
// MAC, then one Diffie-Hellman, then the peer's proof, then state.

#include <cstring>

#include "wireguard/device_impl.h"
#include "wireguard/errors.h"

namespace phantom::wireguard {

namespace {

template <class Message>
Message copy_of(ByteView datagram) {
    Message message;
    std::memcpy(&message, datagram.data(), sizeof message);
    return message;
}

template <class Message>
MutableBytes bytes_of(Message& message) {
    return {reinterpret_cast<std::uint8_t*>(&message), sizeof message};
}

}  // namespace

void Device::Impl::receive(
    ByteView datagram, const wire::Endpoint& from, std::size_t queue_depth, Instant now,
    WallTime wall, Actions& actions
) {
    const auto type = wire::classify(datagram);
    if (!type || *type == wire::MessageType::kTransport || !is_up_ || !identity_) {
        return;
    }
    const Arrival arrival{datagram, from};
    Event event{now, wall, actions};
    if (*type == wire::MessageType::kCookieReply) {
        receive_cookie(arrival, event);
        return;
    }
    switch (admission_.judge(datagram, from.remote, queue_depth, now)) {
        case Verdict::kBadMac1:
            ++counters_.bad_mac1;
            return;
        case Verdict::kNeedsCookie:
            ++counters_.bad_mac2;
            send_cookie(arrival, event);
            return;
        case Verdict::kRateLimited:
            ++counters_.rate_limited;
            return;
        case Verdict::kAdmit:
            break;
    }
    if (*type == wire::MessageType::kInitiation) {
        receive_initiation(arrival, event);
    } else {
        receive_response(arrival, event);
    }
}

void Device::Impl::send_cookie(const Arrival& arrival, Event& event) {
    auto reply = admission_.checker_of(arrival.datagram)
                     .make_reply(arrival.datagram, arrival.from.remote, event.now, random_);
    SendMessage send{arrival.from, 0, {}, sizeof reply};
    std::memcpy(send.bytes.data(), &reply, sizeof reply);
    event.actions.sends.push_back(send);
    ++counters_.cookies_sent;
}

void Device::Impl::receive_initiation(const Arrival& arrival, Event& event) {
    const Status accepted = accept_initiation(arrival, event);
    if (accepted) {
        return;
    }
    if (accepted.error().is(WireguardError::kTooFrequent)) {
        ++counters_.rate_limited;
    } else {
        ++counters_.bad_handshakes;
    }
}

Status Device::Impl::accept_initiation(const Arrival& arrival, Event& event) {
    const auto message = copy_of<wire::Initiation>(arrival.datagram);
    const bool for_previous = previous_identity_ && admission_.is_for_previous(arrival.datagram);
    // NOLINTNEXTLINE(bugprone-unchecked-optional-access): nothing arrives without an identity
    const StaticIdentity& own = for_previous ? *previous_identity_ : *identity_;
    auto handshake = PM_TRY(read_initiation(own, message));
    Peer* peer = find_peer(handshake.remote_static);
    if (peer == nullptr) {
        return fail(WireguardError::kUnknownPeer);
    }
    const auto static_static = static_static_of(*peer, own);
    if (!static_static) {
        return fail(WireguardError::kNoIdentity);
    }
    const auto timestamp = PM_TRY(authenticate_initiation(handshake, *static_static, message));
    // Paper 5.1: a replayed initiation must not make us drop the peer's session.
    if (timestamp <= peer->greatest_timestamp) {
        return fail(WireguardError::kReplayedTimestamp);
    }
    if (!peer->timers.initiation_accepted.is_never() &&
        event.now - peer->timers.initiation_accepted < kInitiationIntervalMin) {
        return fail(WireguardError::kTooFrequent);
    }
    peer->greatest_timestamp = timestamp;
    peer->timers.initiation_accepted = event.now;
    note_handshake_received(*peer, arrival, event);
    respond(*peer, handshake, peer->preshared_keys.answer(timestamp.is_marked()), event);
    reschedule(*peer);
    return {};
}

// With the key of before it is not kept ready: few peers need it, and not for long.
std::optional<crypto::Key> Device::Impl::static_static_of(
    const Peer& peer, const StaticIdentity& own
) const {
    if (!previous_identity_ || &own != &*previous_identity_) {
        return peer.static_static;
    }
    const auto shared = crypto::x25519(own.private_key, peer.public_key());
    return shared ? std::optional<crypto::Key>(*shared) : std::nullopt;
}

// Both ends may initiate at once. With a session in use ours gives way, as the peer's does to ours:
// the old session carries the traffic until one of us tries again. Without one both go on, so that
// nothing waits for a timer; SessionSlots says which session they settle on.
void Device::Impl::respond(
    Peer& peer, ResponderHandshake& handshake, const PresharedKey& preshared_key, Event& event
) {
    if (peer.can_send(event.now)) {
        drop_pending(peer);
    }
    const std::uint32_t local_index = reserve_index(peer, event.actions);
    wire::Response message;
    const auto keys = create_response(
        handshake, {.preshared_key = preshared_key.key, .local_index = local_index}, random_,
        message
    );
    if (!keys) {
        indices_.release(local_index);
        ++counters_.bad_handshakes;
        return;
    }
    begin_session(
        peer,
        {*keys, local_index, handshake.remote_index, false, preshared_key.control_only,
         preshared_key.label},
        event
    );
    send_message(peer, bytes_of(message), event);
}

void Device::Impl::receive_response(const Arrival& arrival, Event& event) {
    if (!accept_response(arrival, event)) {
        ++counters_.bad_handshakes;
    }
}

Status Device::Impl::accept_response(const Arrival& arrival, Event& event) {
    const auto message = copy_of<wire::Response>(arrival.datagram);
    Peer* peer = indices_.find(message.receiver_index);
    if (peer == nullptr || !peer->pending || peer->pending->local_index != message.receiver_index) {
        return fail(WireguardError::kUnknownIndex);
    }
    const auto accepted =
        // NOLINTNEXTLINE(bugprone-unchecked-optional-access): nothing arrives without an identity
        PM_TRY(consume_response(*peer->pending, *identity_, peer->preshared_keys, message));
    note_handshake_received(*peer, arrival, event);
    // The index stays reserved: it now names the session.
    peer->pending.reset();
    begin_session(
        *peer,
        {accepted.keys, message.receiver_index, message.sender_index, true, accepted.control_only,
         accepted.label},
        event
    );
    complete_handshake(*peer, event);
    // Paper 5.4.5: the responder may send only after our first packet, so there must be one.
    event.actions.keepalives.push_back(peer->id());
    reschedule(*peer);
    return {};
}

// Paper 5.4.7. Moves no endpoint: a cookie reply proves only that its sender saw our message.
void Device::Impl::receive_cookie(const Arrival& arrival, Event& event) {
    const auto reply = copy_of<wire::CookieReply>(arrival.datagram);
    Peer* peer = indices_.find(reply.receiver_index);
    if (peer == nullptr || !peer->cookies.consume(reply, event.now)) {
        ++counters_.bad_handshakes;
    }
}

// Paper 2.1: the endpoint follows whoever proves to be the peer.
void Device::Impl::note_handshake_received(Peer& peer, const Arrival& arrival, Event& event) {
    set_endpoint(peer, arrival.from, event.actions);
    peer.path->received_bytes.fetch_add(arrival.datagram.size(), std::memory_order_relaxed);
    peer.path->activity.on_handshake_received(event.now);
}

}  // namespace phantom::wireguard
