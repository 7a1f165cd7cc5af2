// The members as the tunnel and the disk have them.

#include <algorithm>

#include "base/log.h"
#include "daemon/mesh_node.h"
#include "identity/labels.h"
#include "wire/relay_frame.h"

namespace phantom::daemon {

namespace {

constexpr std::string_view kBootstrapLabel = "phantom bootstrap psk 1";

// Anybody who knows both ids could make it: it only keeps meshes apart. The sessions it makes carry
// control frames, never a user's packet.
crypto::Key bootstrap_key(
    const identity::MeshId& mesh, const identity::NodeId& a, const identity::NodeId& b
) {
    std::array<std::uint8_t, 3 * identity::kIdSize> parts;
    const auto& [low, high] = std::minmax(a, b);
    auto at = std::ranges::copy(mesh.bytes, parts.begin()).out;
    at = std::ranges::copy(low.bytes, at).out;
    std::ranges::copy(high.bytes, at);
    return crypto::Key(
        std::span<const std::uint8_t, 32>(identity::labelled_hash(kBootstrapLabel, parts))
    );
}

}  // namespace

void MeshNode::add_member(const identity::NodeId& node) {
    const identity::MemberRecord* member = mesh_.directory().find_known(node);
    if (member == nullptr) {
        return;
    }
    const bool is_dormant = mesh_.directory().is_dormant(node);
    const identity::Descriptor& descriptor = member->descriptor;
    const crypto::PublicKey key = descriptor.keys.wireguard;
    guests_.erase(key);
    granted_.erase(node);
    if (restriction_of(node).is_barred) {
        return;
    }
    Remote& remote = remotes_[key];
    pq::Actions pq_actions;
    if (remote.pq == nullptr) {
        remote.node = node;
        remote.bootstrap = bootstrap_key(descriptor.mesh, mesh_.id(), node);
        remote.pq = std::make_unique<pq::PqPeer>(pq::PqPeerOptions{
            .party =
                {.own_id = mesh_.id().bytes,
                 .peer_id = node.bytes,
                 .own_static = own_kem_.get(),
                 .peer_static = descriptor.keys.kem,
                 .kem = &kem_},
            .bootstrap = remote.bootstrap,
            .sequence_start = static_cast<std::uint64_t>(wall_now().ns),
        });
        log::info("member {} ({})", descriptor.name.text(), node.short_text());
    } else {
        remote.pq->set_peer_static(descriptor.keys.kem, monotonic_now(), random_, pq_actions);
    }
    wireguard::DeviceUpdate update;
    wireguard::PeerUpdate& peer = update.peers.emplace_back();
    peer.public_key = key;
    recall_keys(remote, peer);
    peer.preshared_keys = keys_of(remote);
    peer.hop = wire::hop_id(node.bytes.data());
    peer.replace_allowed_ips = true;
    if (!is_dormant) {
        add_prefixes(*member, peer);
    }
    if (const Status applied = tunnel_.apply(update); !applied) {
        log::error("{}: {}", descriptor.name.text(), applied.error().message());
    }
    (void)tunnel_.set_allowance(key, restriction_of(node).bytes_per_s);
    carry_out(key, remote, pq_actions);
}

// What may come from the member, and goes to it.
void MeshNode::add_prefixes(const identity::MemberRecord& member, wireguard::PeerUpdate& peer)
    const {
    peer.allowed_ips.push_back({.prefix = wire::Prefix::of(member.descriptor.overlay_v6(), 128)});
    if (const wire::Address v4 = member.certificate.overlay_v4; !v4.is_none()) {
        peer.allowed_ips.push_back({.prefix = wire::Prefix::of(v4, 32)});
    }
    if (const auto routed = routes_.find(peer.public_key); routed != routes_.end()) {
        for (const wire::Prefix& prefix : routed->second) {
            peer.allowed_ips.push_back({.prefix = prefix});
        }
    }
}

void MeshNode::remove_member(const crypto::PublicKey& key) {
    wireguard::DeviceUpdate update;
    wireguard::PeerUpdate& peer = update.peers.emplace_back();
    peer.public_key = key;
    peer.remove = true;
    (void)tunnel_.apply(update);
    if (const auto at = remotes_.find(key); at != remotes_.end()) {
        forget_keys(at->second.node);
        remotes_.erase(at);
    }
    routes_.erase(key);
}

bool MeshNode::save_members(const identity::MemberRecord* own) {
    std::vector<identity::MemberRecord> members;
    for (const auto& member : mesh_.directory().everybody()) {
        const bool is_own = own != nullptr && member->descriptor.node == mesh_.id();
        members.push_back(is_own ? *own : *member);
    }
    std::vector<identity::Revocation> revocations;
    for (const auto& [node, revocation] : mesh_.directory().revocations().entries()) {
        revocations.push_back(revocation);
    }
    const auto saved = state_.store.save_members(members);
    if (!saved) {
        log::error("{}", saved.error().message());
    }
    if (revocations.empty()) {
        return saved.has_value();
    }
    if (const auto also_saved = state_.store.save_revocations(revocations); !also_saved) {
        log::error("{}", also_saved.error().message());
    }
    return saved.has_value();
}

}  // namespace phantom::daemon
