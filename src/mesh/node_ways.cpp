// Where a member may be, and which way its packets take.

#include <algorithm>
#include <tuple>

#include "identity/codec.h"
#include "mesh/node.h"
#include "wire/carried.h"

namespace phantom::mesh {

void Node::observe(
    const crypto::PublicKey& key, const Paths::Situation& situation, Instant now, Actions& actions
) {
    Peer* peer = find_peer(key);
    if (peer == nullptr) {
        return;
    }
    peer->paths.observe(situation);
    peer->data_sent = situation.data_sent;
    peer->tends = peer->tends || is_needed(*peer, now);
    peer->link.over = situation.current;
    const bool direct = wire::is_direct(situation.current);
    if (direct && peer->link.endpoint != situation.current) {
        peer->link.endpoint = situation.current;
        if (linked(*peer, now)) {
            introduce(*peer, now, actions);
        }
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

// Newest first; what is tried already is not tried anew.
void Node::try_place(
    const identity::NodeId& node, Peer& peer, const wire::SocketAddress& place, Instant now
) {
    std::vector<wire::SocketAddress>& seen = peer.seen;
    const bool is_news = std::ranges::find(seen, place) == seen.end();
    std::erase(seen, place);
    seen.insert(seen.begin(), place);
    if (seen.size() > kSeenEndpointsMax) {
        seen.pop_back();
    }
    if (!linked(peer, now)) {
        peer.attempts = 0;
        peer.next_attempt = {};
    } else if (is_news || wire::is_relay(peer.link.over)) {
        find_candidates(node, peer, now);
        peer.paths.search(now);
    }
}

// A link-local place is good on this machine alone, and told to nobody.
void Node::noticed(wire::HopId member, const wire::SocketAddress& place, Instant now) {
    if (!identity::is_reachable_form(place) && place.scope == 0) {
        return;
    }
    // Whoever is near is a way back into a mesh of which nobody else answers.
    std::array<std::uint8_t, identity::kIdSize> key{};
    store_be<std::uint64_t>(key.data(), member << 8U);
    const Holding* near = link_count(now) == 0 ? directory_.tree().from(key) : nullptr;
    if (near != nullptr && near->record != nullptr && near->node != id() &&
        wire::hop_id(near->node.bytes.data()) == member) {
        peer_of(near->node, *near->record).wanted_until = now + kMeetFor;
    }
    const auto is_not_there = [&](const Peer& peer) {
        const bool reached = linked(peer, now) && peer.link.over == place;
        return wire::hop_id(peer.id.bytes.data()) == member && !reached;
    };
    for (Peer* peer : peers_.change_those(is_not_there)) {
        try_place(peer->id, *peer, place, now);
    }
}

void Node::tick_paths(
    const identity::NodeId& node, Peer& peer, Instant now, Random& random, Actions& actions
) {
    if (peer.next_candidates <= now) {
        find_candidates(node, peer, now);
    }
    if (wire::is_relay(peer.link.over) && peer.next_meet <= now) {
        peer.next_meet = now + kMeetInterval;
        call_relays(peer, now, actions);
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

std::vector<wire::SocketAddress> Node::direct_places(const Peer& peer) const {
    std::vector<wire::SocketAddress> places;
    const auto add = [&](const wire::SocketAddress& place) {
        if (!place.address.is_none() && std::ranges::find(places, place) == places.end()) {
            places.push_back(place);
        }
    };
    add(peer.carried);
    std::ranges::for_each(peer.seen, add);
    if (const identity::MemberRecord* member = directory_.find_known(peer.id)) {
        std::ranges::for_each(member->descriptor.endpoints, add);
    }
    add(peer.link.endpoint);
    return places;
}

// Of many members most are not linked with it: its home relays are, and who says that it sees it.
std::vector<const Node::Peer*> Node::perhaps_relays_to(const Peer& peer) const {
    std::vector<const Peer*> found;
    if (is_full_mesh()) {
        for (const Peer& other : peers_.all()) {
            found.push_back(&other);
        }
        return found;
    }
    std::vector<identity::NodeId> named = peer.seen_by;
    named.insert(named.end(), peer.relays.begin(), peer.relays.end());
    std::ranges::sort(named);
    const auto repeated = std::ranges::unique(named);
    named.erase(repeated.begin(), repeated.end());
    for (const identity::NodeId& each : named) {
        if (const Peer* other = peers_.find(each)) {
            found.push_back(other);
        }
    }
    return found;
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
    for (const Peer* each : perhaps_relays_to(peer)) {
        const Peer& other = *each;
        const identity::NodeId& relay = other.id;
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

Way Node::way(const identity::NodeId& node, Instant now) const {
    const Peer* peer = peers_.find(node);
    if (peer == nullptr || !linked(*peer, now) || !peer->paths.answers()) {
        return Way::kNone;
    }
    const wire::SocketAddress& over = peer->link.over;
    return wire::is_relay(over)     ? Way::kRelayed
           : wire::is_carried(over) ? Way::kCarried
                                    : Way::kDirect;
}

void Node::set_carried(
    const identity::NodeId& node, const wire::SocketAddress& place, Instant now
) {
    Peer* peer = peers_.change(node);
    if (peer == nullptr || peer->carried == place) {
        return;
    }
    peer->carried = place;
    peer->next_candidates = now;
    if (!place.address.is_none() && !linked(*peer, now)) {
        peer->attempts = 0;
        peer->next_attempt = now;
    }
}

Duration Node::attempt_interval(const Peer& peer) const {
    if (membership_.is_dead(peer.id)) {
        return kAttemptMax;
    }
    const std::uint32_t made = peer.attempts + 1;
    const std::uint32_t slow = made > kQuickAttempts ? made - kQuickAttempts : 0;
    const Duration longest = directory_.is_dormant(peer.id) ? kDormantAttemptMax : kAttemptMax;
    return std::min<Duration>(kAttemptFirst * (1U << std::min(slow, 10U)), longest);
}

// A relay answers at once where there is one; the direct ways are found beneath it.
void Node::attempt(const identity::NodeId& node, Peer& peer, Instant now, Actions& actions) {
    peer.next_attempt = now + attempt_interval(peer);
    // A public relay is called by itself.
    const identity::MemberRecord* member = directory_.find(node);
    if (member != nullptr && !is_public_relay(*member)) {
        call_relays(peer, now, actions);
    }
    std::vector<wire::SocketAddress> relays = relays_to(node, peer, now);
    std::vector<wire::SocketAddress> direct = direct_places(peer);
    // With more places than fit, another part of them each time.
    const std::size_t room = kCalledMax - relays.size();
    if (direct.size() > room) {
        std::ranges::rotate(
            direct,
            direct.begin() + static_cast<std::ptrdiff_t>(peer.attempts * room % direct.size())
        );
        direct.resize(room);
    }
    direct.insert(direct.end(), relays.begin(), relays.end());
    if (!direct.empty()) {
        actions.attempts.push_back({peer.key, std::move(direct)});
    }
    ++peer.attempts;
}

void Node::ping(const identity::NodeId& node, Instant now, Actions& /*actions*/) {
    if (Peer* peer = peers_.change(node); peer != nullptr && linked(*peer, now)) {
        peer->paths.ask(now);
        peer->link.latest.reset();
    }
}

}  // namespace phantom::mesh
