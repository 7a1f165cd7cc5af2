// Configuration. `check` refuses what cannot be done before anything is touched; `apply` then
// cannot fail.

#include <chrono>

#include "base/assert.h"
#include "wireguard/device_impl.h"
#include "wireguard/errors.h"

namespace phantom::wireguard {

namespace {

// RFC 7748 section 5. Stored clamped, as other implementations do, so that a key reads back the
// same from each of them.
crypto::PrivateKey clamped(crypto::PrivateKey key) {
    key.bytes()[0] &= 248;
    key.bytes()[31] &= 127;
    key.bytes()[31] |= 64;
    return key;
}

bool equal(const crypto::PrivateKey& a, const crypto::PrivateKey& b) {
    return crypto::equal_constant_time(a.view(), b.view());
}

}  // namespace

// NOLINTNEXTLINE(readability-function-cognitive-complexity): one refusal after the other
Status Device::Impl::check(const DeviceUpdate& update) const {
    // How many peers there would be at the most: our own key among them is counted, then ignored.
    std::map<crypto::PublicKey, bool> touched;
    std::size_t peer_count = update.replace_peers ? 0 : peers_.size();
    std::size_t prefix_count = update.replace_peers ? 0 : allowed_ips_.size();
    for (const PeerUpdate& peer : update.peers) {
        const Peer* existing = update.replace_peers ? nullptr : find_peer(peer.public_key);
        auto [at, first] = touched.try_emplace(peer.public_key, existing != nullptr);
        bool& exists = at->second;
        if (exists && peer.remove) {
            --peer_count;
            exists = false;
        } else if (!exists && !peer.remove && !peer.update_only) {
            ++peer_count;
            exists = true;
        }
        if (peer_count > kPeerCountMax) {
            return fail(WireguardError::kTooManyPeers, std::uint32_t{kPeerCountMax});
        }
        if (first && existing != nullptr && (peer.remove || peer.replace_allowed_ips)) {
            prefix_count -= allowed_ips_.of(*existing->path).size();
        }
        for (const AllowedIpUpdate& allowed : peer.allowed_ips) {
            if (allowed.prefix.address.is_none()) {
                return fail(WireguardError::kBadAllowedIp);
            }
            prefix_count += allowed.remove ? 0 : 1;
        }
        if (prefix_count > kAllowedIpCountMax) {
            return fail(WireguardError::kTooManyAllowedIps, std::uint32_t{kAllowedIpCountMax});
        }
    }
    return {};
}

void Device::Impl::apply(const DeviceUpdate& update, Instant now, Actions& actions) {
    if (update.private_key) {
        set_private_key(*update.private_key, now, actions);
    }
    if (update.next_private_key) {
        set_next_private_key(*update.next_private_key, now, actions);
    }
    if (update.previous_private_key) {
        set_previous_private_key(*update.previous_private_key);
    }
    if (update.relaying) {
        relaying_ = *update.relaying;
        hops_changed_ = true;
    }
    if (update.replace_peers) {
        while (!peers_.empty()) {
            allowed_ips_changed_ |= remove_peer(*peers_.begin()->second, actions);
        }
    }
    for (const PeerUpdate& peer : update.peers) {
        apply_peer(peer, now, actions);
    }
    if (allowed_ips_changed_) {
        allowed_ips_changed_ = false;
        rebuild_allowed_ips(actions);
    }
    if (hops_changed_) {
        hops_changed_ = false;
        rebuild_relays(actions);
    }
}

// What was agreed under the old key ends with it. A peer that is now ourselves is removed.
void Device::Impl::set_private_key(const crypto::PrivateKey& key, Instant now, Actions& actions) {
    const bool clears = key.is_zero();
    const crypto::PrivateKey wanted = clears ? key : clamped(key);
    const bool same = identity_ ? equal(identity_->private_key, wanted) : clears;
    if (same) {
        return;
    }
    set_identity(wanted, actions);
    for (const auto& [id, peer] : peers_) {
        erase_keys(*peer, actions);
        begin_handshake_anew(*peer, now);
    }
}

void Device::Impl::set_identity(const crypto::PrivateKey& key, Actions& actions) {
    identity_.reset();
    if (!key.is_zero()) {
        identity_ = StaticIdentity{key, crypto::public_key_of(key)};
        if (Peer* ourselves = find_peer(identity_->public_key)) {
            allowed_ips_changed_ |= remove_peer(*ourselves, actions);
        }
    }
    admission_.set_public_key(identity_ ? identity_->public_key : crypto::PublicKey{});
}

// What is under way was begun with another key.
void Device::Impl::begin_handshake_anew(Peer& peer, Instant now) {
    drop_pending(peer);
    agree_static(peer);
    peer.timers.handshake_sent = {};
    if (peer.timers.handshake_in_progress()) {
        peer.timers.attempt_started = now;
        peer.timers.initiation_due = now;
    }
    reschedule(peer);
}

// A session needs no static key once it stands, so those that stand go on. Who has not heard of the
// next key calls the one before, and is answered.
void Device::Impl::set_next_private_key(
    const crypto::PrivateKey& key, Instant now, Actions& actions
) {
    const crypto::PrivateKey wanted = clamped(key);
    if (!identity_ || equal(identity_->private_key, wanted)) {
        return;
    }
    set_previous_private_key(identity_->private_key);
    set_identity(wanted, actions);
    for (const auto& [id, peer] : peers_) {
        begin_handshake_anew(*peer, now);
    }
}

void Device::Impl::set_previous_private_key(const crypto::PrivateKey& key) {
    previous_identity_.reset();
    if (!key.is_zero()) {
        const crypto::PrivateKey wanted = clamped(key);
        previous_identity_ = StaticIdentity{wanted, crypto::public_key_of(wanted)};
    }
    admission_.set_previous_public_key(
        previous_identity_ ? std::optional(previous_identity_->public_key) : std::nullopt
    );
}

void Device::Impl::set_public_key(Peer& peer, const crypto::PublicKey& key, Instant now) {
    const bool is_ours = identity_ && identity_->public_key == key;
    if (peer.public_key() == key || is_ours || find_peer(key) != nullptr) {
        return;
    }
    peers_by_key_.erase(peer.public_key());
    peer.set_public_key(key);
    peers_by_key_.emplace(key, &peer);
    begin_handshake_anew(peer, now);
}

void Device::Impl::agree_static(Peer& peer) const {
    peer.static_static.reset();
    if (identity_) {
        if (auto shared = crypto::x25519(identity_->private_key, peer.public_key())) {
            peer.static_static = *shared;
        }
    }
}

void Device::Impl::apply_peer(const PeerUpdate& update, Instant now, Actions& actions) {
    if (identity_ && identity_->public_key == update.public_key) {
        return;  // one list of peers may be given to all of them, ourselves included
    }
    Peer* peer = find_peer(update.public_key);
    if (update.remove) {
        if (peer != nullptr) {
            allowed_ips_changed_ |= remove_peer(*peer, actions);
        }
        return;
    }
    if (peer == nullptr) {
        if (update.update_only) {
            return;
        }
        peer = &add_peer(update.public_key);
    }
    apply_settings(*peer, update, now, actions);
    apply_allowed_ips(*peer, update);
    reschedule(*peer);
}

void Device::Impl::apply_settings(
    Peer& peer, const PeerUpdate& update, Instant now, Actions& actions
) {
    if (update.next_public_key) {
        set_public_key(peer, *update.next_public_key, now);
    }
    if (update.preshared_key) {
        peer.preshared_keys = PresharedKeys(*update.preshared_key);
    }
    if (!update.preshared_keys.empty()) {
        peer.preshared_keys = PresharedKeys(update.preshared_keys);
    }
    if (update.timestamp_floor) {
        peer.greatest_timestamp = std::max(peer.greatest_timestamp, *update.timestamp_floor);
    }
    if (update.endpoint) {
        set_endpoint(peer, wire::Endpoint{*update.endpoint, {}, 0}, actions);
        if (peer.timers.handshake_in_progress() && !peer.pending) {
            peer.timers.initiation_due = now;  // it may have waited for an endpoint
        }
    }
    if (!update.also_call.empty()) {
        peer.also_call = update.also_call;
    }
    if (update.hop && *update.hop != peer.path->hop.load(std::memory_order_relaxed)) {
        peer.path->hop.store(*update.hop, std::memory_order_relaxed);
        hops_changed_ = true;
    }
    if (update.persistent_keepalive_s) {
        set_persistent_keepalive(peer, *update.persistent_keepalive_s, now, actions);
    }
    if (update.handshake_now) {
        peer.timers.stop_handshake();
        peer.timers.handshake_sent = {};
        want_handshake(peer, now);
    }
}

void Device::Impl::set_persistent_keepalive(
    Peer& peer, std::uint16_t seconds, Instant now, Actions& actions
) {
    const bool begins = peer.persistent_keepalive_s == 0 && seconds > 0;
    peer.persistent_keepalive_s = seconds;
    peer.timers.persistent_keepalive_due = {};
    if (!is_up_ || seconds == 0) {
        return;
    }
    peer.timers.persistent_keepalive_due = now + std::chrono::seconds(seconds);
    if (begins) {
        send_keepalive(peer, now, actions);
    }
}

void Device::Impl::apply_allowed_ips(Peer& peer, const PeerUpdate& update) {
    if (update.replace_allowed_ips) {
        allowed_ips_changed_ |= allowed_ips_.remove_all(*peer.path);
    }
    for (const AllowedIpUpdate& allowed : update.allowed_ips) {
        allowed_ips_changed_ |= allowed.remove ? allowed_ips_.remove(allowed.prefix, *peer.path)
                                               : allowed_ips_.add(allowed.prefix, *peer.path);
    }
}

Peer& Device::Impl::add_peer(const crypto::PublicKey& key) {
    PM_ASSERT(peers_.size() < kPeerCountMax);
    const PeerId id = next_peer_id_++;
    const auto shard = static_cast<std::uint32_t>(id % options_.shard_count);
    auto made = std::make_unique<Peer>(id, key, shard);
    Peer& peer = *made;
    agree_static(peer);
    peers_.emplace(id, std::move(made));
    peers_by_key_.emplace(key, &peer);
    return peer;
}

// True when it owned a prefix. The path may be in a shard's hands: it is retired.
bool Device::Impl::remove_peer(Peer& peer, Actions& actions) {
    stop_peer(peer, actions);
    deadlines_.remove(peer);
    const bool owned = allowed_ips_.remove_all(*peer.path);
    if (peer.path->hop.load(std::memory_order_relaxed) != 0) {
        hops_changed_ = true;
    }
    if (peer.endpoint) {
        actions.retired.push_back(std::move(peer.endpoint));
    }
    actions.retired.push_back(peer.path);
    peers_by_key_.erase(peer.public_key());
    peers_.erase(peer.id());
    return owned;
}

DeviceStatus Device::Impl::status() const {
    DeviceStatus status;
    if (identity_) {
        status.private_key = identity_->private_key;
    }
    status.peers.reserve(peers_.size());
    for (const auto& [id, peer] : peers_) {
        PeerStatus& made = status.peers.emplace_back();
        made.public_key = peer->public_key();
        made.preshared_key = peer->preshared_keys.newest();
        if (peer->endpoint) {
            made.endpoint = peer->endpoint->remote;
        }
        made.last_handshake = peer->last_handshake;
        made.sent_bytes = peer->path->sent_bytes.load(std::memory_order_relaxed);
        made.received_bytes = peer->path->received_bytes.load(std::memory_order_relaxed);
        made.persistent_keepalive_s = peer->persistent_keepalive_s;
        made.allowed_ips = allowed_ips_.of(*peer->path);
        made.timestamp_floor = peer->greatest_timestamp;
    }
    return status;
}

}  // namespace phantom::wireguard
