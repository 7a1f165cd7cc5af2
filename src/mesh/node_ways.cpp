// Where a member may be, and which way its packets take.

#include <algorithm>
#include <tuple>

#include "identity/codec.h"
#include "mesh/node.h"
#include "wire/relay_frame.h"

namespace phantom::mesh {

void Node::observe(
    const crypto::PublicKey& key, const Paths::Situation& situation, Instant now, Actions& actions
) {
    Peer* peer = find_peer(key);
    if (peer == nullptr) {
        return;
    }
    peer->paths.observe(situation);
    peer->link.over = situation.current;
    const bool direct = !situation.current.address.is_none() && !wire::is_relay(situation.current);
    if (direct && peer->link.endpoint != situation.current) {
        peer->link.endpoint = situation.current;
        if (linked(*peer, now)) {
            introduce(*peer, now, actions);
        }
    }
}

// Where we are seen from outside. Told to those who are reached over relays, so that they try it.
void Node::note_own_place(const wire::SocketAddress& place) {
    if (!identity::is_reachable_form(place) ||
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

std::vector<wire::SocketAddress> Node::direct_places(const Peer& peer) const {
    std::vector<wire::SocketAddress> places = peer.seen;
    const auto add = [&](const wire::SocketAddress& place) {
        if (!place.address.is_none() && std::ranges::find(places, place) == places.end()) {
            places.push_back(place);
        }
    };
    if (const identity::MemberRecord* member = directory_.find_known(peer.id)) {
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

// A relay answers at once where there is one; the direct ways are found beneath it.
void Node::attempt(const identity::NodeId& node, Peer& peer, Instant now, Actions& actions) {
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
    const std::uint32_t slow = peer.attempts > kQuickAttempts ? peer.attempts - kQuickAttempts : 0;
    const Duration longest = directory_.is_dormant(node) ? kDormantAttemptMax : kAttemptMax;
    peer.next_attempt =
        now + std::min<Duration>(kAttemptFirst * (1U << std::min(slow, 10U)), longest);
}

void Node::ping(const identity::NodeId& node, Instant now, Actions& /*actions*/) {
    if (const auto at = peers_.find(node); at != peers_.end() && linked(at->second, now)) {
        at->second.paths.ask(now);
        at->second.link.latest.reset();
    }
}

}  // namespace phantom::mesh
