// The members, our own word among them, and time.
//
//     node.cpp            who comes and goes; tick
//     node_links.cpp      with whom a link is kept, or made on demand; who lives
//     node_messages.cpp   what others say, and what they are told
//     node_holdings.cpp   what is held of whom, compared with a neighbour
//     node_renewal.cpp    the next certificate
//     node_ways.cpp       where a member may be, and which way its packets take

#include "mesh/node.h"

#include <algorithm>

namespace phantom::mesh {

Node::Node(const NodeOptions& options, identity::UnixTime now)
    : keys_(&options.keys),
      self_(options.self),
      directory_(
          options.known != nullptr ? *options.known : Directory(options.root, options.verifier)
      ),
      policy_(options.root),
      grants_(options.grants),
      membership_(options.self.certificate.node, now) {
    (void)directory_.add(self_, now);
}

void Node::restore(
    const std::vector<identity::MemberRecord>& members,
    const std::vector<identity::Revocation>& revocations, identity::UnixTime now, Actions& actions
) {
    for (const identity::Revocation& revocation : revocations) {
        (void)directory_.revoke(revocation, now);
    }
    for (const identity::MemberRecord& member : members) {
        // Who was away for long, or whom we were away from, may be met again.
        const bool is_known =
            directory_.add(member, now).value_or(false) ||
            (now >= member.descriptor.expiry && directory_.add_dormant(member, now).has_value());
        if (is_known) {
            member_changed(member.descriptor.node, actions);
        }
    }
    actions.save = false;  // it comes from there
}

Status Node::add(const identity::MemberRecord& member, identity::UnixTime now, Actions& actions) {
    if (PM_TRY(take_member(member, now, actions))) {
        tell_news(member.descriptor.node, nullptr, actions);
    }
    return {};
}

Status Node::revoke(
    const identity::Revocation& revocation, identity::UnixTime now, Actions& actions
) {
    const Bytes encoded = PM_TRY(revocation.encode());
    return take_revocation(encoded, now, actions);
}

Status Node::set_endpoints(
    std::vector<wire::SocketAddress> endpoints, identity::UnixTime now, Actions& actions
) {
    if (endpoints.size() > identity::kEndpointsMax) {
        endpoints.resize(identity::kEndpointsMax);
    }
    if (endpoints == self_.descriptor.endpoints) {
        return {};
    }
    identity::Descriptor descriptor = self_.descriptor;
    descriptor.endpoints = std::move(endpoints);
    return sign_self(std::move(descriptor), now, actions);
}

Status Node::set_capability(
    identity::Capability capability, bool offered, identity::UnixTime now, Actions& actions
) {
    if (self_.descriptor.has(capability) == offered) {
        return {};
    }
    identity::Descriptor descriptor = self_.descriptor;
    descriptor.capabilities ^= static_cast<std::uint32_t>(capability);
    return sign_self(std::move(descriptor), now, actions);
}

Status Node::set_grants(bool grants, identity::UnixTime now, Actions& actions) {
    grants_ = grants;
    return set_capability(identity::Capability::kIntroducer, grants, now, actions);
}

Status Node::set_carrier_port(std::uint16_t port, identity::UnixTime now, Actions& actions) {
    if (self_.descriptor.carrier_port() == port) {
        return {};
    }
    identity::Descriptor descriptor = self_.descriptor;
    descriptor.set_carrier_port(port);
    return sign_self(std::move(descriptor), now, actions);
}

Status Node::sign(
    identity::MemberRecord& record, const identity::NodeKeys& keys, identity::UnixTime now
) {
    identity::Descriptor& descriptor = record.descriptor;
    // The clock, so that a node that lost its state is still ahead of what others remember.
    const std::uint64_t generation = record.certificate.generation;
    const std::uint64_t earliest = (generation << identity::kGenerationShift) | now.s;
    descriptor.sequence = std::max(descriptor.sequence + 1, earliest);
    descriptor.keys = keys.public_keys();
    descriptor.tags = record.certificate.tags;
    descriptor.issued = now;
    descriptor.expiry = std::min(now.plus(kDescriptorLifetimeS), record.certificate.expiry);
    return descriptor.sign(keys.signing());
}

// Nothing is changed when it cannot be signed.
Status Node::sign_self(identity::Descriptor descriptor, identity::UnixTime now, Actions& actions) {
    identity::MemberRecord next{self_.certificate, std::move(descriptor)};
    PM_TRY(sign(next, *keys_, now));
    self_ = std::move(next);
    PM_TRY(directory_.add(self_, now));
    actions.save = true;
    tell_news(id(), nullptr, actions);
    return {};
}

void Node::renew(identity::UnixTime wall, Actions& actions) {
    const identity::Descriptor& descriptor = self_.descriptor;
    const bool lasts = wall.plus(kDescriptorLifetimeS / 2) < descriptor.expiry;
    if (!lasts && descriptor.expiry < self_.certificate.expiry) {
        (void)sign_self(self_.descriptor, wall, actions);
    }
}

// ---- Members come and go ------------------------------------------------------------------------

// True when it is news.
Result<bool> Node::take_member(
    const identity::MemberRecord& member, identity::UnixTime wall, Actions& actions
) {
    const identity::NodeId node = member.descriptor.node;
    const identity::MemberRecord* known = directory_.find_known(node);
    const crypto::PublicKey key = member.descriptor.keys.wireguard;
    const crypto::PublicKey before = known == nullptr ? key : known->descriptor.keys.wireguard;
    const std::optional<Directory::Ended> rival = rival_of(member);
    const std::uint64_t conflicts = directory_.address_conflicts();
    Result<bool> added = directory_.add(member, wall);
    if (rival) {
        settle_conflict(member, *rival, directory_.address_conflicts() != conflicts, actions);
    }
    if (!PM_TRY(added)) {
        return false;
    }
    if (before != key) {
        actions.rekeyed.push_back({node, before, key});
    }
    member_changed(node, actions);
    return true;
}

// Who has its address.
std::optional<Directory::Ended> Node::rival_of(const identity::MemberRecord& member) const {
    const identity::NodeId* owner = directory_.owner_of_v4(member.certificate.overlay_v4);
    if (owner == nullptr || *owner == member.descriptor.node) {
        return std::nullopt;
    }
    return Directory::Ended{*owner, directory_.find_known(*owner)->descriptor.keys.wireguard};
}

void Node::settle_conflict(
    const identity::MemberRecord& member, const Directory::Ended& rival, bool is_news,
    Actions& actions
) {
    const identity::NodeId node = member.descriptor.node;
    const bool rival_keeps = directory_.find_known(rival.node) != nullptr;
    if (is_news) {
        actions.address_conflicts.push_back(
            {member.certificate.overlay_v4, rival_keeps ? rival.node : node,
             rival_keeps ? node : rival.node}
        );
    }
    // We ourselves are still here; the others will not talk with us.
    if (!rival_keeps && rival.node != id()) {
        member_left(rival.node, rival.key, actions);
    }
}

void Node::member_changed(const identity::NodeId& node, Actions& actions) {
    actions.save = true;
    if (node == id()) {
        return;
    }
    const identity::MemberRecord* member = directory_.find_known(node);
    wants_.came(node);
    neighbours_stale_ = true;
    relays_stale_ = relays_stale_ || is_home(node) || may_be_home(node);
    if (Peer* peer = peers_.change(node)) {
        peer->key = member->descriptor.keys.wireguard;
        peer->attempts = 0;
        peer->next_attempt = {};
    }
    actions.joined.push_back(node);
}

void Node::member_left(
    const identity::NodeId& node, const crypto::PublicKey& key, Actions& actions
) {
    actions.save = true;
    if (node == id()) {
        actions.revoked_ourselves = true;
        return;
    }
    wants_.came(node);
    membership_.forget(node);
    neighbours_stale_ = true;
    relays_stale_ = relays_stale_ || is_home(node);
    peers_.erase(node);
    actions.left.push_back(key);
}

// ---- Time ---------------------------------------------------------------------------------------

Instant Node::deadline() const {
    if (neighbours_stale_) {
        return {};
    }
    const Instant peers = peers_.deadline([&](const Peer& peer) { return due(peer); });
    return std::min({next_maintenance_, membership_.deadline(), wants_.deadline(), peers});
}

Instant Node::due(const Peer& peer) const {
    Instant earliest = std::min(peer.next_attempt, peer.next_summary);
    if (peer.next_summary != kFarFuture && peer.tends) {
        earliest = std::min(earliest, peer.paths.deadline());
    }
    if (peer.policy.sequence < policy_.sequence()) {
        earliest = std::min(earliest, peer.policy.next);
    }
    return earliest;
}

void Node::tick(Instant now, identity::UnixTime wall, Random& random, Actions& actions) {
    if (now >= next_maintenance_) {
        next_maintenance_ = now + (is_rotating() ? kRenewRetryFirst : kMaintenanceInterval);
        renew(wall, actions);
        actions.rotation_due = !is_rotating() && wall >= rotation_due(self_.certificate);
        ask_for_renewal(now, wall, actions);
        const Directory::Expired expired = directory_.expire(wall);
        for (const identity::NodeId& node : expired.dormant) {
            member_changed(node, actions);
        }
        for (const Directory::Ended& each : expired.gone) {
            member_left(each.node, each.key, actions);
        }
    }
    if (neighbours_stale_) {
        choose(actions);
    }
    tick_membership(now, random, actions);
    ask_again(now, actions);
    for (Peer* peer : peers_.take_due(now)) {
        if (is_needed(*peer, now) || linked(*peer, now)) {
            tick_peer(peer->id, *peer, now, random, actions);
        } else {
            // The other end may have packets for us still: then it goes on asking, and is answered.
            actions.ended.push_back(peer->key);
            peers_.erase(peer->id);
        }
    }
}

void Node::tick_peer(
    const identity::NodeId& node, Peer& peer, Instant now, Random& random, Actions& actions
) {
    const bool needed = is_needed(peer, now);
    if (!linked(peer, now)) {
        peer.next_summary = kFarFuture;
        peer.policy.next = kFarFuture;
        if (needed && peer.next_attempt <= now) {
            attempt(node, peer, now, actions);
        }
        return;
    }
    peer.next_attempt = peer.link.heard + kLinkTimeout;
    peer.tends = needed;
    if (needed) {
        tick_paths(node, peer, now, random, actions);
    }
    if (const auto news = policy_.due(peer.policy, now)) {
        say(peer, *news, actions);
    }
    if (peer.next_summary <= now) {
        // What greet() said may have been lost, and without it two nodes behind translating routers
        // do not meet. Only while the link is young: to tell all of all for ever would be too much.
        if (peer.summary_interval > kSummaryFirst && peer.summary_interval < kSummaryInterval) {
            introduce(peer, now, actions);
        }
        peer.next_summary = now + peer.summary_interval;
        peer.summary_interval = std::min(peer.summary_interval * 2, Duration(kSummaryInterval));
        tell_holdings(peer, actions);
        // A rumour that came to an end before it was everywhere.
        if (Rumours news = membership_.news(); !news.entries.empty()) {
            say(peer, std::move(news), actions);
        }
        if (!reports_.entries.empty()) {
            say(peer, reports_, actions);
        }
        if (policy_.policy() != nullptr) {
            say(peer, PolicyVersion{policy_.sequence()}, actions);
        }
    }
}

}  // namespace phantom::mesh
