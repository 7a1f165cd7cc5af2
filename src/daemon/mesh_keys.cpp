// What MeshNode keeps of its members over a restart: the keys agreed with each, and how new its last
// handshake was. So the first session after a restart carries the user's packets at once, and a
// handshake recorded before it is refused after it.

#include <algorithm>

#include "base/log.h"
#include "daemon/mesh_node.h"

namespace phantom::daemon {

namespace {

static_assert(pq::kSnapshotSize <= identity::kRatchetSizeMax);
static_assert(sizeof(wireguard::Tai64n{}.bytes) == identity::kTimestampSize);

// Calls with the kept keys alone; then every second one goes without.
constexpr std::uint32_t kTrustedCalls = 2;

}  // namespace

// The kept keys may be older than what the member has: a disk brought back from a copy, or a crash
// before the last ones were written. Nothing tells us so but silence. Who calls with the bootstrap
// key is answered with it, and agrees anew.
bool MeshNode::doubts_keys(const Remote& remote) {
    return remote.kept && remote.calls_with_kept > kTrustedCalls && remote.calls_with_kept % 2 == 1;
}

void MeshNode::recall_keys(Remote& remote, wireguard::PeerUpdate& peer) {
    const auto at = memories_.find(remote.node);
    if (at == memories_.end()) {
        return;
    }
    const identity::PeerMemory memory = std::move(at->second);
    memories_.erase(at);
    peer.timestamp_floor = wireguard::Tai64n{memory.timestamp_floor};
    if (memory.ratchet.view().size() != pq::kSnapshotSize) {
        return;
    }
    pq::SnapshotRecord record;
    std::ranges::copy(memory.ratchet.view(), record.bytes().begin());
    if (const Status restored = remote.pq->restore(record, monotonic_now()); !restored) {
        log::error("kept keys: {}; they are agreed anew", restored.error().message());
        return;
    }
    remote.kept = !remote.pq->respond_with().is_bootstrap();
}

void MeshNode::forget_keys(const identity::NodeId& node) {
    memories_.erase(node);
    keys_gate_.changed_a_little(monotonic_now());
}

void MeshNode::save_keys_when_due(Instant now) {
    if (keys_gate_.due(now)) {
        save_keys(now);
    }
}

void MeshNode::save_keys(Instant now) {
    identity::PeerMemories all;
    const auto add = [&](const identity::NodeId& node, const auto& floor, ByteView ratchet) {
        identity::PeerMemory& memory = all[node];
        memory.timestamp_floor = floor;
        memory.ratchet = crypto::SecretBytes(ratchet);
    };
    for (const auto& [node, memory] : memories_) {
        add(node, memory.timestamp_floor, memory.ratchet.view());
    }
    for (const wireguard::PeerStatus& peer : tunnel_.status().device.peers) {
        if (const auto at = remotes_.find(peer.public_key); at != remotes_.end()) {
            add(at->second.node, peer.timestamp_floor.bytes, at->second.pq->snapshot(now).view());
        }
    }
    if (const auto saved = state_.store.save_peer_memories(all); !saved) {
        log::error("{}", saved.error().message());
        keys_gate_.failed(now);
        return;
    }
    keys_gate_.written(all.size() * identity::kPeerMemorySizeMax, now);
}

}  // namespace phantom::daemon
