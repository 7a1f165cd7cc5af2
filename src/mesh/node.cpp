#include "mesh/node.h"

#include <algorithm>
#include <tuple>

#include "identity/codec.h"
#include "wire/carried.h"
#include "wire/relay_frame.h"

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
    const identity::NodeId* owner = directory_.owner_of(key);
    if (owner == nullptr) {
        return nullptr;
    }
    const auto at = peers_.find(*owner);
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
    Peer& peer = peers_.try_emplace(node, node, keys_.id() < node).first->second;
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
        peer->next_candidates = now;
        if (!was_linked) {
            peer->paths.search(now);
            greet(*peer, now, actions);
        }
    }
}

void Node::observe(
    const crypto::PublicKey& key, const Paths::Situation& situation, Instant now, Actions& actions
) {
    Peer* peer = find_peer(key);
    if (peer == nullptr) {
        return;
    }
    peer->paths.observe(situation);
    peer->link.over = situation.current;
    const bool direct = wire::is_direct(situation.current);
    if (direct && peer->link.endpoint != situation.current) {
        peer->link.endpoint = situation.current;
        if (linked(*peer, now)) {
            introduce(*peer, now, actions);
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
    Seen others;
    for (const auto& [node, other] : peers_) {
        if (&other == &peer || !linked(other, now) || !wire::is_direct(other.link.over)) {
            continue;
        }
        if (others.entries.size() < kSeenMax) {
            others.entries.push_back({node, other.link.endpoint});
        }
        if (wire::is_direct(peer.link.over)) {
            say(other, Seen{{{peer.id, peer.link.over}}}, actions);
        }
    }
    // What others told us of ourselves may help it to reach us.
    for (const wire::SocketAddress& place : own_places_) {
        if (others.entries.size() < kSeenMax) {
            others.entries.push_back({keys_.id(), place});
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
    peer->link.heard = now;
    peer->paths.heard(from, now);
    if (!was_linked) {
        peer->paths.search(now);
        greet(*peer, now, actions);
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
        // Back the way it came: the question was whether there is one.
        actions.sends.push_back({peer->key, encode(Pong{asked->nonce, from}), from});
    } else if (const auto* summary = std::get_if<Summary>(&decoded)) {
        handle(*summary, *peer, actions);
    } else if (const auto* want = std::get_if<Want>(&decoded)) {
        handle(*want, *peer, actions);
    } else if (const auto* seen = std::get_if<Seen>(&decoded)) {
        handle(*seen, *peer, now);
    } else if (const auto* pong = std::get_if<Pong>(&decoded)) {
        handle(*pong, from, *peer, now);
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

void Node::handle(const Seen& message, const Peer& from, Instant now) {
    for (const Seen::Entry& entry : message.entries) {
        const auto at = peers_.find(entry.node);
        if (at == peers_.end() || !identity::is_reachable_form(entry.endpoint) ||
            wire::is_carried(entry.endpoint)) {
            continue;
        }
        Peer& peer = at->second;
        if (&peer != &from) {
            std::erase(peer.seen_by, from.id);
            peer.seen_by.insert(peer.seen_by.begin(), from.id);
            if (peer.seen_by.size() > kSeenByMax) {
                peer.seen_by.pop_back();
            }
        }
        std::vector<wire::SocketAddress>& seen = peer.seen;
        const bool is_news = std::ranges::find(seen, entry.endpoint) == seen.end();
        std::erase(seen, entry.endpoint);
        seen.insert(seen.begin(), entry.endpoint);
        if (seen.size() > kSeenEndpointsMax) {
            seen.pop_back();
        }
        // The other is told of us at this moment, so both try at once.
        if (!linked(peer, now)) {
            peer.attempts = 0;
            peer.next_attempt = {};
        } else if (is_news || wire::is_relay(peer.link.over)) {
            find_candidates(entry.node, peer, now);
            peer.paths.search(now);
        }
    }
}

void Node::handle(
    const Pong& message, const wire::SocketAddress& from, Peer& peer, Instant now
) {
    peer.paths.answered(message.nonce, now);
    if (const auto quality = peer.paths.quality()) {
        peer.link.rtt = quality->rtt;
        peer.link.latest = quality->rtt;
        peer.link.loss = quality->loss;
    }
    if (wire::is_direct(from)) {
        note_own_place(message.observed);
    }
}

// Where we are seen from outside. Told to those who are reached over relays, so that they try it.
void Node::note_own_place(const wire::SocketAddress& place) {
    if (!identity::is_reachable_form(place) || wire::is_carried(place) ||
        std::ranges::find(self_.descriptor.endpoints, place) != self_.descriptor.endpoints.end() ||
        (!own_places_.empty() && own_places_.front() == place)) {
        return;
    }
    std::erase(own_places_, place);
    own_places_.insert(own_places_.begin(), place);
    if (own_places_.size() > kSeenEndpointsMax) {
        own_places_.pop_back();
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
    actions.sends.push_back({peer.key, encode(message), std::nullopt});
}

// ---- Time ---------------------------------------------------------------------------------------

Instant Node::deadline() const {
    Instant earliest = next_maintenance_;
    for (const auto& [node, peer] : peers_) {
        earliest = std::min({earliest, peer.next_attempt, peer.next_summary});
        if (peer.next_summary != kFarFuture) {
            earliest = std::min(earliest, peer.paths.deadline());
        }
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
        peer.next_summary = kFarFuture;
        peer.policy.next = kFarFuture;
        if (peer.next_attempt <= now) {
            attempt(node, peer, now, actions);
        }
        return;
    }
    peer.next_attempt = peer.link.heard + kLinkTimeout;
    tick_paths(node, peer, now, random, actions);
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

void Node::tick_paths(
    const identity::NodeId& node, Peer& peer, Instant now, Random& random, Actions& actions
) {
    if (peer.next_candidates <= now) {
        find_candidates(node, peer, now);
    }
    Paths::Output out;
    peer.paths.tick(now, random, out);
    if (out.take) {
        peer.link.over = out.take->over;
        actions.moves.push_back({peer.key, *out.take});
    }
    for (const Paths::Probe& probe : out.probes) {
        actions.sends.push_back({peer.key, encode(Ping{probe.nonce}), probe.over});
    }
}

// ---- Where a member may be ----------------------------------------------------------------------

std::vector<wire::SocketAddress> Node::direct_places(const Peer& peer) const {
    std::vector<wire::SocketAddress> places;
    const auto add = [&](const wire::SocketAddress& place) {
        if (!place.address.is_none() && std::ranges::find(places, place) == places.end()) {
            places.push_back(place);
        }
    };
    add(peer.carried);
    std::ranges::for_each(peer.seen, add);
    if (const identity::MemberRecord* member = directory_.find(peer.key)) {
        std::ranges::for_each(member->descriptor.endpoints, add);
    }
    add(peer.link.endpoint);
    return places;
}

// Members that are willing and near, those first that say they see it; by way of another relay where
// the member itself is reached over one.
std::vector<wire::SocketAddress> Node::relays_to(
    const identity::NodeId& node, const Peer& peer, Instant now
) const {
    struct Candidate {
        bool blind;
        std::uint8_t count;
        Duration rtt;
        wire::RelayRoute route;
    };
    std::vector<Candidate> found;
    for (const auto& [relay, other] : peers_) {
        const identity::MemberRecord* member =
            relay == node || !linked(other, now) ? nullptr : directory_.find(relay);
        if (member == nullptr || other.link.over.address.is_none() ||
            !member->descriptor.has(identity::Capability::kRelay)) {
            continue;
        }
        wire::RelayRoute route{wire::hop_id(relay.bytes.data()), 0};
        if (wire::is_relay(other.link.over)) {
            const wire::RelayRoute before = wire::relay_route(other.link.over.address);
            if (before.count() > 1 || before.first == wire::hop_id(node.bytes.data())) {
                continue;
            }
            route = {before.first, route.first};
        }
        const bool blind = std::ranges::find(peer.seen_by, relay) == peer.seen_by.end();
        found.push_back({blind, route.count(), other.link.rtt.value_or(kLinkTimeout), route});
    }
    std::ranges::sort(found, {}, [](const Candidate& each) {
        return std::tuple(each.blind, each.count, each.rtt);
    });
    std::vector<wire::SocketAddress> routes;
    for (const Candidate& each : found) {
        if (routes.size() < kRelaysTried) {
            routes.push_back(wire::relay_endpoint(each.route));
        }
    }
    return routes;
}

void Node::find_candidates(const identity::NodeId& node, Peer& peer, Instant now) {
    peer.next_candidates = now + kCandidatesInterval;
    peer.paths.set_candidates(direct_places(peer), relays_to(node, peer, now), now);
}

void Node::set_carried(
    const identity::NodeId& node, const wire::SocketAddress& place, Instant now
) {
    const auto at = peers_.find(node);
    if (at == peers_.end() || at->second.carried == place) {
        return;
    }
    Peer& peer = at->second;
    peer.carried = place;
    peer.next_candidates = now;
    if (!place.address.is_none() && !linked(peer, now)) {
        peer.attempts = 0;
        peer.next_attempt = now;
    }
}

// A relay answers at once where there is one; the direct ways are found beneath it.
void Node::attempt(const identity::NodeId& node, Peer& peer, Instant now, Actions& actions) {
    std::vector<wire::SocketAddress> relays = relays_to(node, peer, now);
    std::vector<wire::SocketAddress> direct = direct_places(peer);
    // With more places than fit, another part of them each time.
    const std::size_t room = kCalledMax - relays.size();
    if (direct.size() > room) {
        std::ranges::rotate(
            direct, direct.begin() + static_cast<std::ptrdiff_t>(
                                         peer.attempts * room % direct.size()
                                     )
        );
        direct.resize(room);
    }
    direct.insert(direct.end(), relays.begin(), relays.end());
    if (!direct.empty()) {
        actions.attempts.push_back({peer.key, std::move(direct)});
    }
    ++peer.attempts;
    const std::uint32_t slow = peer.attempts > kQuickAttempts ? peer.attempts - kQuickAttempts : 0;
    peer.next_attempt =
        now + std::min<Duration>(kAttemptFirst * (1U << std::min(slow, 5U)), kAttemptMax);
}

void Node::ping(const identity::NodeId& node, Instant now, Actions& /*actions*/) {
    if (const auto at = peers_.find(node); at != peers_.end() && linked(at->second, now)) {
        at->second.paths.ask(now);
        at->second.link.latest.reset();
    }
}

}  // namespace phantom::mesh
