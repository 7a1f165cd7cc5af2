// What MeshNode holds against members, as it is told to (remedy_switches.h): fewer of their packets or
// none, no sessions, no certificates. In memory; whoever tells it knows it over a restart.

#include "base/log.h"
#include "daemon/mesh_node.h"

namespace phantom::daemon {

const MeshNode::Restriction& MeshNode::restriction_of(const identity::NodeId& node) const {
    static constexpr Restriction kNone;
    const auto at = restrictions_.find(node);
    return at == restrictions_.end() ? kNone : at->second;
}

void MeshNode::restrict(const identity::NodeId& node, const Restriction& wanted) {
    const Restriction before = restriction_of(node);
    if (wanted == Restriction{}) {
        restrictions_.erase(node);
    } else {
        restrictions_[node] = wanted;
    }
    const identity::MemberRecord* member = mesh_.directory().find_known(node);
    if (member == nullptr) {
        return;  // it holds when the member is heard of
    }
    const crypto::PublicKey key = member->descriptor.keys.wireguard;
    if (wanted.is_barred) {
        bar(key, wanted.is_suspended && !before.is_suspended);
    } else if (before.is_barred) {
        add_member(node);
        hold_open_neighbours();
        call_again(*member);
    }
    (void)tunnel_.set_allowance(key, wanted.bytes_per_s);
}

// The mesh may not have noticed yet that the two had no session.
void MeshNode::call_again(const identity::MemberRecord& member) {
    const crypto::PublicKey& key = member.descriptor.keys.wireguard;
    call({.to = key, .endpoints = member.descriptor.endpoints});
    mesh::Actions actions;
    mesh_.wanted(key, monotonic_now(), actions);
    carry_out(actions);
}

bool MeshNode::obeys(const identity::NodeId& node) const {
    const identity::MemberRecord* member = mesh_.directory().find_known(node);
    if (member == nullptr) {
        return true;  // nothing of it passes, whatever is held against it
    }
    const Restriction& wanted = restriction_of(node);
    const auto allowance = tunnel_.allowance_of(member->descriptor.keys.wireguard);
    if (wanted.is_barred) {
        return !allowance;
    }
    return !allowance || *allowance == wanted.bytes_per_s;
}

// Its sessions and their keys are gone, and it is not answered. How new its last handshake was is kept,
// so that none can be replayed when it is let in again; the keys agreed with it too, unless its
// certificate counts for nothing: then they are agreed anew.
void MeshNode::bar(const crypto::PublicKey& key, bool forget_agreed_keys) {
    const auto at = remotes_.find(key);
    if (at != remotes_.end()) {
        const Instant now = monotonic_now();
        for (const wireguard::PeerStatus& peer : tunnel_.status().device.peers) {
            if (peer.public_key == key) {
                identity::PeerMemory& memory = memories_[at->second.node];
                memory.timestamp_floor = peer.timestamp_floor.bytes;
                memory.ratchet = crypto::SecretBytes(at->second.pq->snapshot(now).view());
            }
        }
    }
    wireguard::DeviceUpdate update;
    wireguard::PeerUpdate& peer = update.peers.emplace_back();
    peer.public_key = key;
    peer.remove = true;
    (void)tunnel_.apply(update);
    if (at == remotes_.end()) {
        return;
    }
    if (forget_agreed_keys) {
        memories_[at->second.node].ratchet = {};
    }
    remotes_.erase(at);
    keys_gate_.changed_a_little(monotonic_now());
}

bool MeshNode::rekey(const identity::NodeId& node) {
    const identity::MemberRecord* member = mesh_.directory().find(node);
    const auto at =
        member == nullptr ? remotes_.end() : remotes_.find(member->descriptor.keys.wireguard);
    if (member == nullptr || at == remotes_.end()) {
        return false;
    }
    Remote& remote = at->second;
    remote.rekey_wanted = true;
    pq::Actions actions;
    // Without a session, or with an exchange under way, the next one does it.
    (void)remote.pq->start(monotonic_now(), random_, actions);
    carry_out(at->first, remote, actions);
    log::info("{}: keys are agreed anew", member->descriptor.name.text());
    return true;
}

}  // namespace phantom::daemon
