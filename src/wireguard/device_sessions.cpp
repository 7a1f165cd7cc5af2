// Sessions, endpoints and tables: everything here that a shard can see is published with a release
// store, and what it replaces goes to Actions::retired.

#include <cstring>

#include "base/assert.h"
#include "wireguard/device_impl.h"

namespace phantom::wireguard {

Peer* Device::Impl::find_peer(PeerId id) const {
    const auto at = peers_.find(id);
    return at == peers_.end() ? nullptr : at->second.get();
}

Peer* Device::Impl::find_peer(const crypto::PublicKey& key) const {
    const auto at = peers_by_key_.find(key);
    return at == peers_by_key_.end() ? nullptr : at->second;
}

PeerPath* Device::Impl::find_path(PeerId id) const {
    const Peer* peer = find_peer(id);
    return peer == nullptr ? nullptr : peer->path.get();
}

PeerPath* Device::Impl::find_path(const crypto::PublicKey& key) const {
    const Peer* peer = find_peer(key);
    return peer == nullptr ? nullptr : peer->path.get();
}

std::optional<crypto::PublicKey> Device::Impl::public_key_of(PeerId id) const {
    const Peer* peer = find_peer(id);
    return peer == nullptr ? std::nullopt : std::optional(peer->public_key());
}

void Device::Impl::send_message(Peer& peer, MutableBytes message, Event& event) {
    PM_ASSERT(peer.endpoint != nullptr);
    peer.cookies.add_macs(message, event.now);
    SendMessage send{
        *peer.endpoint, peer.path->hop.load(std::memory_order_relaxed), {}, message.size()
    };
    PM_ASSERT(message.size() <= send.bytes.size());
    std::memcpy(send.bytes.data(), message.data(), message.size());
    event.actions.sends.push_back(send);
    peer.path->sent_bytes.fetch_add(message.size(), std::memory_order_relaxed);
    peer.path->activity.on_handshake_sent(event.now);
    peer.timers.handshake_sent = event.now;
}

// An index is reserved with the handshake and kept by its session, so the session's slot is free.
std::uint32_t Device::Impl::reserve_index(Peer& peer, Actions& actions) {
    for (;;) {
        const auto index = indices_.reserve(peer, peer.path->owner_shard, random_);
        if (index) {
            return *index;
        }
        indices_.grow();
        Forwarding made = *forwarding_;
        made.sessions = std::make_shared<SessionTable>(indices_.slot_count());
        for (const auto& [id, each] : peers_) {
            for (Session* session :
                 {each->sessions.previous(), each->sessions.current(), each->sessions.next()}) {
                if (session != nullptr) {
                    made.sessions->insert(session);
                }
            }
        }
        replace_forwarding(std::move(made), actions);
    }
}

void Device::Impl::drop_pending(Peer& peer) {
    if (peer.pending) {
        indices_.release(peer.pending->local_index);
        peer.pending.reset();
    }
}

void Device::Impl::begin_session(Peer& peer, const NewSession& made, Event& event) {
    const Session::Options options{
        .path = peer.path.get(),
        .local_index = made.local_index,
        .remote_index = made.remote_index,
        .owner_shard = peer.path->owner_shard,
        .initiator = made.initiator,
        .created = event.now,
        .control_only = made.control_only,
        .preshared_key_label = made.preshared_key_label,
        .handshake_hash = made.keys.handshake_hash,
    };
    auto session = std::make_shared<Session>(options, made.keys.send, made.keys.receive);
    forwarding_->sessions->insert(session.get());
    SessionSlots::Dropped dropped;
    if (made.initiator) {
        // NOLINTNEXTLINE(bugprone-unchecked-optional-access): no session without an identity
        const bool outranks_peer = identity_->public_key < peer.public_key();
        peer.sessions.add_as_initiator({std::move(session), outranks_peer}, event.now, dropped);
    } else {
        peer.sessions.add_as_responder(std::move(session), dropped);
    }
    publish_sessions(peer, dropped, event.actions);
    peer.timers.erase_keys = event.now + kEraseKeysAfterTime;
}

// Paper 6.4: called by the initiator on the response, by the responder on the first packet.
void Device::Impl::complete_handshake(Peer& peer, Event& event) {
    peer.timers.stop_handshake();
    drop_pending(peer);
    peer.last_handshake = event.wall;
    ++counters_.handshakes_completed;
    peer.path->clear(PathEvent::kWantsHandshake);
    event.actions.flush_staged.push_back(peer.id());
    const Session* current = peer.sessions.current();
    PM_ASSERT(current != nullptr);
    event.actions.began.push_back({
        .peer = peer.public_key(),
        .initiator = current->initiator(),
        .control_only = current->control_only(),
        .preshared_key_label = current->preshared_key_label(),
        .handshake_hash = current->handshake_hash(),
    });
}

void Device::Impl::publish_sessions(Peer& peer, SessionSlots::Dropped& dropped, Actions& actions) {
    peer.path->sending.store(peer.sessions.current(), std::memory_order_release);
    for (std::shared_ptr<Session>& session : dropped) {
        forwarding_->sessions->erase(session.get());
        indices_.release(session->local_index());
        actions.retired.push_back(std::move(session));
    }
    dropped.clear();
}

void Device::Impl::erase_keys(Peer& peer, Actions& actions) {
    drop_pending(peer);
    SessionSlots::Dropped dropped;
    peer.sessions.clear(dropped);
    publish_sessions(peer, dropped, actions);
    peer.timers.erase_keys = {};
}

// Nothing is known and nothing is planned: as if the peer had just been configured.
void Device::Impl::stop_peer(Peer& peer, Actions& actions) {
    erase_keys(peer, actions);
    const Instant initiation_accepted = peer.timers.initiation_accepted;
    peer.timers = {};
    peer.timers.initiation_accepted = initiation_accepted;
    peer.path->activity.reset();
    peer.path->clear(PathEvent::kWantsHandshake);
    actions.drop_staged.push_back(peer.id());
    reschedule(peer);
}

void Device::Impl::set_endpoint(Peer& peer, const wire::Endpoint& endpoint, Actions& actions) {
    if (peer.endpoint && *peer.endpoint == endpoint) {
        return;
    }
    auto made = std::make_shared<const wire::Endpoint>(endpoint);
    peer.path->publish_endpoint(made.get());
    if (peer.endpoint) {
        actions.retired.push_back(std::move(peer.endpoint));
    }
    peer.endpoint = std::move(made);
}

void Device::Impl::forget_source(Peer& peer, Actions& actions) {
    if (peer.endpoint) {
        set_endpoint(peer, wire::Endpoint{peer.endpoint->remote, {}, 0}, actions);
    }
}

void Device::Impl::forget_sources(Actions& actions) {
    for (const auto& [id, peer] : peers_) {
        forget_source(*peer, actions);
    }
}

void Device::Impl::replace_forwarding(Forwarding made, Actions& actions) {
    actions.retired.push_back(std::move(forwarding_));
    forwarding_ = std::make_shared<const Forwarding>(std::move(made));
    actions.forwarding_changed = true;
}

void Device::Impl::rebuild_allowed_ips(Actions& actions) {
    Forwarding made = *forwarding_;
    made.allowed_ips = std::make_shared<const AllowedIps>(allowed_ips_.entries());
    replace_forwarding(std::move(made), actions);
}

// Two peers of one hop id are no relays and have none: nobody could say which is meant.
void Device::Impl::rebuild_relays(Actions& actions) {
    auto table = std::make_shared<RelayTable>();
    table->self = relaying_.self;
    table->willing = relaying_.willing;
    for (const auto& [id, peer] : peers_) {
        const wire::HopId hop = peer->path->hop.load(std::memory_order_relaxed);
        if (hop == 0 || hop == relaying_.self) {
            continue;
        }
        const auto [at, first] = table->hops.emplace(hop, peer->path.get());
        if (!first) {
            at->second = nullptr;
        }
    }
    Forwarding made = *forwarding_;
    made.relays = std::move(table);
    replace_forwarding(std::move(made), actions);
}

}  // namespace phantom::wireguard
