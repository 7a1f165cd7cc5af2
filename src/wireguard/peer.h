#pragma once

// All that the control thread knows of one peer. What the shards share of it is its PeerPath.

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "crypto/noise.h"
#include "wire/address.h"
#include "wireguard/cookie.h"
#include "wireguard/deadline_heap.h"
#include "wireguard/handshake.h"
#include "wireguard/path.h"
#include "wireguard/peer_timers.h"
#include "wireguard/preshared_keys.h"
#include "wireguard/session_slots.h"
#include "wireguard/tai64n.h"

namespace phantom::wireguard {

struct Peer final : DeadlineHeap::Node {
    Peer(PeerId id, const crypto::PublicKey& public_key, std::uint32_t shard)
        : path(std::make_shared<PeerPath>(id, shard)), key(public_key), cookies(public_key) {}

    [[nodiscard]] PeerId id() const { return path->id; }
    [[nodiscard]] const crypto::PublicKey& public_key() const { return key; }
    void set_public_key(const crypto::PublicKey& next) {
        key = next;
        cookies = CookieGenerator(next);
    }
    // May a packet go out now? The same question the shards ask.
    [[nodiscard]] bool can_send(Instant now) const {
        const Session* session = sessions.current();
        return session != nullptr && session->usable(now);
    }

    const std::shared_ptr<PeerPath> path;
    crypto::PublicKey key;  // its static key now; set_public_key changes it

    // Settings.
    PresharedKeys preshared_keys;
    std::uint16_t persistent_keepalive_s = 0;
    std::shared_ptr<const wire::Endpoint> endpoint;
    std::vector<wire::SocketAddress> also_call;  // until the next initiation

    // None: we have no private key, or the peer's public key is of low order. Then there is never
    // a handshake, in either direction.
    std::optional<crypto::Key> static_static;
    std::optional<InitiatorHandshake> pending;
    SessionSlots sessions;
    CookieGenerator cookies;
    Tai64n greatest_timestamp;  // of the initiations we accepted
    Tai64n sent_timestamp;      // of ours: strictly increasing though the wall clock steps back
    WallTime last_handshake;
    PeerTimers timers;
};

}  // namespace phantom::wireguard
