// With whom a link is kept, or made on demand, and what is known of whether the others live.

#include <algorithm>
#include <ranges>

#include "mesh/node.h"
#include "wire/relay_frame.h"

namespace phantom::mesh {

Node::Peer& Node::peer_of(const identity::NodeId& node, const identity::MemberRecord& member) {
    Peer& peer = peers_.add(node, id() < node);
    peer.key = member.descriptor.keys.wireguard;
    return peer;
}

Node::Peer* Node::find_peer(const crypto::PublicKey& key) {
    const identity::NodeId* owner = directory_.owner_of(key);
    if (owner == nullptr || *owner == id()) {
        return nullptr;
    }
    Peer* peer = peers_.change(*owner);
    return peer != nullptr ? peer : &peer_of(*owner, *directory_.find_known(*owner));
}

const Link* Node::link(const identity::NodeId& node) const {
    static constexpr Link kNone;
    if (const Peer* peer = peers_.find(node)) {
        return &peer->link;
    }
    return node == id() || directory_.find_known(node) == nullptr ? nullptr : &kNone;
}

bool Node::is_linked(const identity::NodeId& node, Instant now) const {
    const Peer* peer = peers_.find(node);
    return peer != nullptr && linked(*peer, now);
}

bool Node::is_neighbour(const identity::NodeId& node) const {
    const Peer* peer = peers_.find(node);
    return peer != nullptr && peer->neighbour;
}

std::size_t Node::link_count(Instant now) const {
    return static_cast<std::size_t>(std::ranges::count_if(peers_.all(), [&](const Peer& each) {
        return linked(each, now);
    }));
}

std::vector<identity::NodeId> Node::wanted_links(Instant now) const {
    std::vector<identity::NodeId> wanted;
    for (const Peer& peer : peers_.all()) {
        if (is_needed(peer, now)) {
            wanted.push_back(peer.id);
        }
    }
    return wanted;
}

// ---- Neighbours ---------------------------------------------------------------------------------

void Node::choose(Actions& actions) {
    neighbours_stale_ = false;
    actions.neighbours_changed = true;
    const auto is_dead = [&](const identity::NodeId& node) { return membership_.is_dead(node); };
    Neighbours chosen = choose_neighbours(directory_, id(), is_dead);
    if (relays_stale_ && !is_full_mesh()) {
        relays_stale_ = false;
        relays_ = home_relays(directory_, id(), is_dead);
    }
    for (Peer* peer : peers_.change_all()) {
        peer->neighbour = false;
        peer->watched = false;
    }
    if (!is_full_mesh()) {
        chosen.all.insert(chosen.all.end(), relays_.begin(), relays_.end());
    }
    for (const identity::NodeId& node : chosen.all) {
        if (const identity::MemberRecord* member = directory_.find(node)) {
            peer_of(node, *member).neighbour = true;
        }
    }
    for (const identity::NodeId& node : chosen.ring) {
        peers_.change(node)->watched = true;
    }
    // Called now and then: in a mesh that was off for long all are dormant to each other.
    for (const auto& [node, member] : directory_.dormant() | std::views::take(kDormantCalledMax)) {
        peer_of(node, *member).neighbour = true;
    }
}

bool Node::is_home(const identity::NodeId& node) const {
    return std::ranges::find(relays_, node) != relays_.end();
}

bool Node::may_be_home(const identity::NodeId& node) const {
    const identity::MemberRecord* member = directory_.find(node);
    const auto weight_of = [&](const identity::NodeId& each) { return relay_weight(each, id()); };
    return member != nullptr && is_public_relay(*member) &&
           (relays_.size() < kHomeRelays || weight_of(node) > weight_of(relays_.back()));
}

// ---- On demand ----------------------------------------------------------------------------------

void Node::wanted(const crypto::PublicKey& key, Instant now, Actions& actions) {
    Peer* peer = find_peer(key);
    if (peer == nullptr) {
        return;
    }
    peer->wanted_until = now + kWantedFor;
    peer->tends = true;
    if (!linked(*peer, now)) {
        peer->attempts = 0;
        attempt(peer->id, *peer, now, actions);
    }
}

// Few members are linked with a given one; its home relays are, wherever it is.
void Node::call_relays(Peer& peer, Instant now, Actions& actions) {
    if (is_full_mesh()) {
        return;
    }
    if (peer.relays_looked_up.is_never() || now - peer.relays_looked_up >= kHomeRelaysFresh) {
        peer.relays_looked_up = now;
        peer.relays = home_relays(directory_, peer.id, [&](const identity::NodeId& node) {
            return membership_.is_dead(node);
        });
    }
    for (const identity::NodeId& node : peer.relays) {
        const identity::MemberRecord* member = node == id() ? nullptr : directory_.find(node);
        if (member == nullptr) {
            continue;
        }
        Peer& relay = peer_of(node, *member);
        relay.wanted_until = std::max(relay.wanted_until, now + kWantedFor);
        relay.tends = true;
        if (linked(relay, now)) {
            say(relay, Meet{peer.id}, actions);
        } else if (relay.next_attempt <= now) {
            attempt(node, relay, now, actions);
        }
    }
}

// We see both: each is told where the other is seen, at the same moment.
void Node::handle(const Meet& message, const Peer& from, Actions& actions) const {
    const auto is_direct = [](const Peer& peer) {
        return !peer.link.over.address.is_none() && !wire::is_relay(peer.link.over);
    };
    const Peer* other = peers_.find(message.node);
    if (other == nullptr || !is_direct(*other) || !is_direct(from)) {
        return;
    }
    say(from, Seen{{{message.node, other->link.over}}}, actions);
    say(*other, Seen{{{from.id, from.link.over}}}, actions);
}

// ---- Who lives ----------------------------------------------------------------------------------

void Node::carry_out(const Membership::Output& out, Actions& actions) {
    for (const Membership::Output::Send& each : out.sends) {
        if (const Peer* peer = peers_.find(each.to)) {
            say(*peer, each.message, actions);
        }
    }
    for (const identity::NodeId& node : out.changed) {
        Peer* peer = peers_.change(node);
        const bool lives = membership_.view(node).state == MemberState::kAlive;
        // A better one that is back is where others will look for us.
        const bool is_relay = is_home(node) || (lives && may_be_home(node));
        relays_stale_ = relays_stale_ || is_relay;
        neighbours_stale_ = neighbours_stale_ || is_relay || (peer != nullptr && peer->neighbour);
        if (peer != nullptr && lives) {
            peer->attempts = 0;
            peer->next_attempt = {};
        }
    }
}

void Node::handle_membership(
    const AnyMessage& message, const Peer& from, Instant now, identity::UnixTime wall,
    Actions& actions
) {
    Membership::Output out;
    if (const auto* probe = std::get_if<Probe>(&message)) {
        membership_.receive(from.id, *probe, is_linked(probe->node, now), out);
    } else if (const auto* answer = std::get_if<ProbeAnswer>(&message)) {
        membership_.receive(from.id, *answer, out);
    } else if (const auto* rumours = std::get_if<Rumours>(&message)) {
        for (const Rumours::Rumour& each : rumours->entries) {
            if (directory_.find(each.node) != nullptr) {
                membership_.receive(each, now, wall, directory_.members().size(), out);
            }
        }
    }
    carry_out(out, actions);
}

void Node::tick_membership(Instant now, Random& random, Actions& actions) {
    if (now < membership_.deadline()) {
        return;
    }
    std::vector<identity::NodeId> watched;
    std::vector<identity::NodeId> linked_ones;
    for (const Peer& peer : peers_.all()) {
        if (peer.watched && peer.was_linked) {
            watched.push_back(peer.id);
        }
        if (peer.neighbour && linked(peer, now)) {
            linked_ones.push_back(peer.id);
        }
    }
    Membership::Output out;
    membership_.tick(
        {.watched = watched, .linked = linked_ones, .member_count = directory_.members().size()},
        now, random, out
    );
    carry_out(out, actions);
    // It may have begun anew, where it knows neither our session nor where we are: WireGuard itself would call it after 15 s
    // without an answer. Only whom we found silent ourselves: what others say could make us call somebody without end.
    for (const identity::NodeId& node : out.changed) {
        Peer* peer = peers_.change(node);
        const bool is_suspect = membership_.view(node).state == MemberState::kSuspect;
        if (peer != nullptr && is_suspect && linked(*peer, now)) {
            attempt(node, *peer, now, actions);
        }
    }
}

}  // namespace phantom::mesh
