#include "mesh/node.h"

#include <algorithm>

#include "identity/codec.h"

namespace phantom::mesh {

Node::Node(const NodeOptions& options, identity::UnixTime now)
    : keys_(options.keys), self_(options.self), directory_(options.root), policy_(options.root) {
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
        if (directory_.add(member, now).value_or(false)) {
            member_changed(member.descriptor.node(), actions);
        }
    }
    actions.save = false;  // it comes from there
}

Status Node::add(const identity::MemberRecord& member, identity::UnixTime now, Actions& actions) {
    if (PM_TRY(directory_.add(member, now))) {
        member_changed(member.descriptor.node(), actions);
        tell_news(member.descriptor.node(), nullptr, actions);
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

// Nothing is changed when it cannot be signed.
Status Node::sign_self(identity::Descriptor descriptor, identity::UnixTime now, Actions& actions) {
    // The clock, so that a node that lost its state is still ahead of what others remember.
    descriptor.sequence = std::max(descriptor.sequence + 1, now.s);
    descriptor.issued = now;
    descriptor.expiry = std::min(now.plus(kDescriptorLifetimeS), self_.certificate.expiry);
    PM_TRY(descriptor.sign(keys_.signing()));
    self_.descriptor = std::move(descriptor);
    PM_TRY(directory_.add(self_, now));
    actions.save = true;
    tell_news(keys_.id(), nullptr, actions);
    return {};
}

void Node::renew(identity::UnixTime wall, Actions& actions) {
    const identity::Descriptor& descriptor = self_.descriptor;
    const bool lasts = wall.plus(kDescriptorLifetimeS / 2) < descriptor.expiry;
    if (!lasts && descriptor.expiry < self_.certificate.expiry) {
        (void)sign_self(self_.descriptor, wall, actions);
    }
}

Node::Peer* Node::find_peer(const crypto::PublicKey& key) {
    const identity::MemberRecord* member = directory_.find(key);
    if (member == nullptr) {
        return nullptr;
    }
    const auto at = peers_.find(member->descriptor.node());
    return at == peers_.end() ? nullptr : &at->second;
}

const Link* Node::link(const identity::NodeId& node) const {
    const auto at = peers_.find(node);
    return at == peers_.end() ? nullptr : &at->second.link;
}

bool Node::is_linked(const identity::NodeId& node, Instant now) const {
    const auto at = peers_.find(node);
    return at != peers_.end() && linked(at->second, now);
}

// ---- Members come and go ------------------------------------------------------------------------

void Node::member_changed(const identity::NodeId& node, Actions& actions) {
    actions.save = true;
    if (node == keys_.id()) {
        return;
    }
    const identity::MemberRecord* member = directory_.find(node);
    Peer& peer = peers_[node];
    peer.key = member->descriptor.keys.wireguard;
    peer.attempts = 0;
    peer.next_attempt = {};
    actions.joined.push_back(node);
}

void Node::member_left(const identity::NodeId& node, Actions& actions) {
    actions.save = true;
    if (node == keys_.id()) {
        actions.revoked_ourselves = true;
        return;
    }
    if (const auto at = peers_.find(node); at != peers_.end()) {
        actions.left.push_back(at->second.key);
        peers_.erase(at);
    }
}

// ---- Messages -----------------------------------------------------------------------------------

void Node::session_began(const crypto::PublicKey& key, Instant now, Actions& actions) {
    if (Peer* peer = find_peer(key)) {
        const bool was_linked = linked(*peer, now);
        peer->link.heard = now;
        peer->attempts = 0;
        if (!was_linked) {
            greet(*peer, now, actions);
        }
    }
}

// Revocations first: what else we say may depend on them. Then the policy, so that who has just joined
// has it before the first of its user's packets.
void Node::greet(Peer& peer, Instant now, Actions& actions) {
    for (const auto& [node, revocation] : directory_.revocations().entries()) {
        if (const auto encoded = revocation.encode()) {
            say(peer, Revoke{*encoded}, actions);
        }
    }
    peer.next_ping = now;
    peer.next_summary = now;
    peer.summary_interval = kSummaryFirst;
    peer.policy = {};
    if (const auto news = policy_.due(peer.policy, now)) {
        say(peer, *news, actions);
    }
    introduce(peer, now, actions);
}

// Tells the peer where we see others, and them where we see it, so that both try at once and the
// routers between them open.
void Node::introduce(Peer& peer, Instant now, Actions& actions) {
    const identity::MemberRecord* member = directory_.find(peer.key);
    // Once: it is a hash of all keys.
    const identity::NodeId id = member == nullptr ? identity::NodeId{} : member->descriptor.node();
    Seen others;
    for (const auto& [node, other] : peers_) {
        if (&other == &peer || !linked(other, now) || other.link.endpoint.address.is_none()) {
            continue;
        }
        if (others.entries.size() < kSeenMax) {
            others.entries.push_back({node, other.link.endpoint});
        }
        if (!peer.link.endpoint.address.is_none() && member != nullptr) {
            say(other, Seen{{{id, peer.link.endpoint}}}, actions);
        }
    }
    if (!others.entries.empty()) {
        say(peer, others, actions);
    }
}

Status Node::receive(
    const crypto::PublicKey& key, const wire::SocketAddress& from, ByteView message, Instant now,
    identity::UnixTime wall, Actions& actions
) {
    Peer* peer = find_peer(key);
    if (peer == nullptr) {
        return fail(MeshError::kNotAMember);
    }
    const AnyMessage decoded = PM_TRY(decode(message));
    const bool was_linked = linked(*peer, now);
    const bool moved = peer->link.endpoint != from;
    peer->link.heard = now;
    peer->link.endpoint = from;
    if (!was_linked) {
        greet(*peer, now, actions);
    } else if (moved) {
        introduce(*peer, now, actions);
    }
    if (const auto* record = std::get_if<Record>(&decoded)) {
        return take_record(record->member, peer, wall, actions);
    }
    if (const auto* revoke_message = std::get_if<Revoke>(&decoded)) {
        return take_revocation(revoke_message->revocation, wall, actions);
    }
    if (const auto* policy = std::get_if<Policy>(&decoded)) {
        return take_policy(*policy, *peer, actions);
    }
    if (const auto* version = std::get_if<PolicyVersion>(&decoded)) {
        PolicyGossip::heard(peer->policy, version->sequence);
    } else if (const auto* asked = std::get_if<Ping>(&decoded)) {
        say(*peer, Pong{asked->nonce, from}, actions);
    } else if (const auto* summary = std::get_if<Summary>(&decoded)) {
        handle(*summary, *peer, actions);
    } else if (const auto* want = std::get_if<Want>(&decoded)) {
        handle(*want, *peer, actions);
    } else if (const auto* seen = std::get_if<Seen>(&decoded)) {
        handle(*seen, now);
    } else if (const auto* pong = std::get_if<Pong>(&decoded)) {
        handle(*pong, *peer, now);
    }
    return {};
}

void Node::handle(const Summary& message, Peer& peer, Actions& actions) {
    Want want;
    const identity::RevocationList::Entries& revoked = directory_.revocations().entries();
    for (const Summary::Entry& entry : message.entries) {
        // The peer has not heard of it: our word may have been lost on the way.
        if (const auto out = revoked.find(entry.node); out != revoked.end()) {
            if (const auto encoded = out->second.encode()) {
                say(peer, Revoke{*encoded}, actions);
            }
            continue;
        }
        const identity::MemberRecord* known = directory_.find(entry.node);
        const bool newer = known == nullptr || known->descriptor.sequence < entry.sequence;
        if (newer && want.nodes.size() < kWantedMax) {
            want.nodes.push_back(entry.node);
        }
    }
    if (!want.nodes.empty()) {
        say(peer, want, actions);
    }
    if (!message.full) {
        return;
    }
    // What the peer lacks, or has an older word of.
    std::map<identity::NodeId, std::uint64_t> theirs;
    for (const Summary::Entry& entry : message.entries) {
        theirs.emplace(entry.node, entry.sequence);
    }
    std::size_t count = 0;
    for (const auto& [node, member] : directory_.members()) {
        const auto at = theirs.find(node);
        const bool lacks = at == theirs.end() || at->second < member.descriptor.sequence;
        if (lacks && count < kWantedMax) {
            ++count;
            if (const auto encoded = member.encode()) {
                say(peer, Record{*encoded}, actions);
            }
        }
    }
}

void Node::handle(const Want& message, Peer& peer, Actions& actions) {
    for (const identity::NodeId& node : message.nodes) {
        if (const identity::MemberRecord* member = directory_.find(node)) {
            if (const auto encoded = member->encode()) {
                say(peer, Record{*encoded}, actions);
            }
        }
    }
}

void Node::handle(const Seen& message, Instant now) {
    for (const Seen::Entry& entry : message.entries) {
        const auto at = peers_.find(entry.node);
        if (at == peers_.end() || !identity::is_reachable_form(entry.endpoint)) {
            continue;
        }
        std::vector<wire::SocketAddress>& seen = at->second.seen;
        const bool is_news = seen.empty() || seen.front() != entry.endpoint;
        if (is_news) {
            std::erase(seen, entry.endpoint);
            seen.insert(seen.begin(), entry.endpoint);
            if (seen.size() > kSeenEndpointsMax) {
                seen.pop_back();
            }
        } else if (linked(at->second, now)) {
            continue;
        }
        // The other is told of us at this moment: quickly again, and with this one first.
        at->second.attempts = 0;
        at->second.next_attempt = {};
    }
}

void Node::handle(const Pong& message, Peer& peer, Instant now) {
    if (message.nonce == peer.ping_nonce && !peer.pinged.is_never()) {
        peer.link.rtt = now - peer.pinged;
        peer.pinged = {};
    }
}

Status Node::take_record(
    ByteView encoded, const Peer* from, identity::UnixTime wall, Actions& actions
) {
    const auto member = PM_TRY(identity::MemberRecord::decode(encoded));
    const identity::NodeId node = member.descriptor.node();
    if (node == keys_.id()) {
        // Somebody remembers a later word of ours than we do: say a later one still. But it must be
        // ours, or any member could drive the sequence to its end.
        if (member.descriptor.sequence > self_.descriptor.sequence) {
            PM_TRY(member.verify(directory_.root(), wall, directory_.revocations()));
            identity::Descriptor descriptor = self_.descriptor;
            descriptor.sequence = member.descriptor.sequence;
            return sign_self(std::move(descriptor), wall, actions);
        }
        return {};
    }
    if (PM_TRY(directory_.add(member, wall))) {
        member_changed(node, actions);
        tell_news(node, from, actions);
    }
    return {};
}

Status Node::take_revocation(ByteView encoded, identity::UnixTime wall, Actions& actions) {
    const auto revocation = PM_TRY(identity::Revocation::decode(encoded));
    if (PM_TRY(directory_.revoke(revocation, wall))) {
        // To everybody first, the revoked one included: it need not guess why nobody answers.
        tell_all(Revoke{Bytes(encoded.begin(), encoded.end())}, nullptr, actions);
        member_left(revocation.node, actions);
    }
    return {};
}

Status Node::set_policy(const identity::PolicyRecord& policy, Actions& actions) {
    if (PM_TRY(policy_.take(policy))) {
        actions.policy_changed = true;
        for (auto& [node, peer] : peers_) {
            PolicyGossip::begin(peer.policy);
        }
    }
    return {};
}

Status Node::take_policy(const Policy& message, Peer& from, Actions& actions) {
    const auto policy = PM_TRY(identity::PolicyRecord::decode(message.record));
    PM_TRY(set_policy(policy, actions));
    PolicyGossip::heard(from.policy, policy.sequence);
    say(from, PolicyVersion{policy_.sequence()}, actions);
    return {};
}

void Node::tell_news(const identity::NodeId& node, const Peer* but, Actions& actions) {
    if (const identity::MemberRecord* member = directory_.find(node)) {
        tell_all(Summary{false, {{node, member->descriptor.sequence}}}, but, actions);
    }
}

void Node::tell_all(const AnyMessage& message, const Peer* but, Actions& actions) {
    for (const auto& [node, peer] : peers_) {
        if (&peer != but && !peer.link.heard.is_never()) {
            say(peer, message, actions);
        }
    }
}

void Node::say(const Peer& peer, const AnyMessage& message, Actions& actions) const {
    actions.sends.push_back({peer.key, encode(message)});
}

// ---- Time ---------------------------------------------------------------------------------------

Instant Node::deadline() const {
    Instant earliest = next_maintenance_;
    for (const auto& [node, peer] : peers_) {
        earliest = std::min({earliest, peer.next_attempt, peer.next_ping, peer.next_summary});
        if (peer.policy.sequence < policy_.sequence()) {
            earliest = std::min(earliest, peer.policy.next);
        }
    }
    return earliest;
}

void Node::tick(Instant now, identity::UnixTime wall, Random& random, Actions& actions) {
    if (now >= next_maintenance_) {
        next_maintenance_ = now + kMaintenanceInterval;
        renew(wall, actions);
        for (const identity::NodeId& node : directory_.expire(wall)) {
            member_left(node, actions);
        }
    }
    for (auto& [node, peer] : peers_) {
        tick_peer(node, peer, now, random, actions);
    }
}

void Node::tick_peer(
    const identity::NodeId& node, Peer& peer, Instant now, Random& random, Actions& actions
) {
    if (!linked(peer, now)) {
        peer.next_ping = kFarFuture;
        peer.next_summary = kFarFuture;
        peer.policy.next = kFarFuture;
        if (peer.next_attempt <= now) {
            attempt(peer, *directory_.find(node), now, actions);
        }
        return;
    }
    peer.next_attempt = peer.link.heard + kLinkTimeout;
    if (peer.next_ping <= now) {
        // The first may have waited behind signatures: the second says what the path is like.
        peer.next_ping = now + (peer.link.rtt ? kPingInterval : kSecondPing);
        peer.ping_nonce = random.next_u64();
        peer.pinged = now;
        say(peer, Ping{peer.ping_nonce}, actions);
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
        for (Summary& summary : directory_.summarise()) {
            say(peer, summary, actions);
        }
        if (policy_.policy() != nullptr) {
            say(peer, PolicyVersion{policy_.sequence()}, actions);
        }
    }
}

void Node::attempt(
    Peer& peer, const identity::MemberRecord& member, Instant now, Actions& actions
) {
    std::vector<wire::SocketAddress> places = peer.seen;
    for (const wire::SocketAddress& endpoint : member.descriptor.endpoints) {
        if (std::ranges::find(places, endpoint) == places.end()) {
            places.push_back(endpoint);
        }
    }
    if (!peer.link.endpoint.address.is_none() &&
        std::ranges::find(places, peer.link.endpoint) == places.end()) {
        places.push_back(peer.link.endpoint);
    }
    if (!places.empty()) {
        actions.attempts.push_back({peer.key, places[peer.attempts % places.size()]});
    }
    ++peer.attempts;
    const std::uint32_t slow = peer.attempts > kQuickAttempts ? peer.attempts - kQuickAttempts : 0;
    peer.next_attempt =
        now + std::min<Duration>(kAttemptFirst * (1U << std::min(slow, 5U)), kAttemptMax);
}

void Node::ping(const identity::NodeId& node, Instant now, Actions& /*actions*/) {
    if (const auto at = peers_.find(node); at != peers_.end() && linked(at->second, now)) {
        at->second.next_ping = now;
        at->second.link.rtt.reset();
    }
}

}  // namespace phantom::mesh
