// What MeshNode says of its members: `phantom status`, and when a start counts as done.

#include <algorithm>

#include "daemon/mesh_node.h"

namespace phantom::daemon {

std::vector<MeshNode::PeerView> MeshNode::peers() const {
    const Instant now = monotonic_now();
    const wireguard::DeviceStatus device = tunnel_.status().device;
    std::map<crypto::PublicKey, const wireguard::PeerStatus*> counts;
    for (const wireguard::PeerStatus& each : device.peers) {
        counts.emplace(each.public_key, &each);
    }
    std::vector<PeerView> views;
    for (const auto& entry : remotes_) {
        const crypto::PublicKey& key = entry.first;
        const Remote& remote = entry.second;
        const auto* record = mesh_.directory().find(remote.node);
        const auto* link = mesh_.link(remote.node);
        if (record == nullptr || link == nullptr) {
            continue;
        }
        const bool linked = mesh_.is_linked(remote.node, now);
        const auto counted = counts.find(key);
        const bool found = counted != counts.end();
        const bool established = linked && !remote.control_only;
        views.push_back({
            .record = record,
            .link = link,
            .linked = linked,
            .neighbour = mesh_.is_neighbour(remote.node),
            .state = mesh_.state_of(remote.node),
            .post_quantum = established,
            .post_quantum_since = established ? remote.post_quantum_since : std::nullopt,
            .keys_kept = established && remote.kept,
            .control_only_sessions = remote.control_only_sessions,
            .sent_bytes = found ? counted->second->sent_bytes : 0,
            .received_bytes = found ? counted->second->received_bytes : 0,
        });
    }
    return views;
}

bool MeshNode::ready() const {
    const auto all = peers();
    const auto agreed = [](const PeerView& each) { return !each.linked || each.post_quantum; };
    return all.empty() ||
           (std::ranges::all_of(all, agreed) && std::ranges::any_of(all, &PeerView::post_quantum));
}

bool MeshNode::complete() const {
    const auto all = peers();
    return std::ranges::all_of(all, [](const PeerView& each) {
        return !each.neighbour || each.post_quantum;
    });
}

bool MeshNode::ping(const std::string& name) {
    const auto* member = mesh_.directory().find_name(name);
    if (member == nullptr) {
        return false;
    }
    mesh::Actions actions;
    if (!mesh_.is_linked(member->descriptor.node, monotonic_now())) {
        mesh_.wanted(member->descriptor.keys.wireguard, monotonic_now(), actions);
    }
    mesh_.ping(member->descriptor.node, monotonic_now(), actions);
    mesh_.tick(monotonic_now(), unix_now(), random_, actions);
    carry_out(actions);
    return true;
}

}  // namespace phantom::daemon
