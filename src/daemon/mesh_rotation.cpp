// A change of all keys: ours, and a member's. Sessions and what was agreed in them go on; only what comes
// next is made with the next keys.
//
//   1. next keys are made and kept (node.key), then asked for                 rotate
//   2. the root has certified them: our record is kept (members.db). From here on they are ours,
//      whatever ends the process: load_state() goes by the certificate         take_next_keys
//   3. tunnel and exchanges take them, and all others hear of it
//
// Who has not heard of it calls the WireGuard key before, which is answered until nobody can any more.

#include "base/assert.h"
#include "base/log.h"
#include "daemon/mesh_node.h"

namespace phantom::daemon {

std::optional<std::string> MeshNode::rotate() {
    if (mesh_.is_rotating()) {
        return std::nullopt;
    }
    if (!state_.ring.next) {
        state_.ring.next = identity::NodeSeeds::generate(random_);
        if (const auto saved = state_.store.save_keys(state_.ring); !saved) {
            state_.ring.next.reset();
            return saved.error().message();
        }
    }
    state_.next_keys = make_keys(*state_.ring.next);
    mesh_.rotate(*state_.next_keys);
    log::info("this node asks for its next keys");
    return std::nullopt;
}

void MeshNode::take_next_keys(const identity::MemberRecord& certified) {
    if (!save_members(&certified)) {
        return;  // it is asked for again
    }
    state_.ring.advance(certified.certificate.expiry);
    if (const auto saved = state_.store.save_keys(state_.ring); !saved) {
        log::error("{}", saved.error().message());  // made good at the next start
    }
    wireguard::DeviceUpdate update;
    update.next_private_key = state_.next_keys->seeds().wireguard;
    if (const Status applied = tunnel_.apply(update); !applied) {
        log::error("the next key: {}", applied.error().message());
    }
    auto kem = kem_.from_seed(state_.next_keys->seeds().kem);
    PM_ASSERT(kem.has_value());
    for (auto& [key, remote] : remotes_) {
        pq::Actions pq_actions;
        remote.pq->set_own_static(**kem, monotonic_now(), random_, pq_actions);
        carry_out(key, remote, pq_actions);
    }
    own_kem_ = std::move(*kem);
    mesh::Actions actions;
    const Status adopted = mesh_.adopt(certified, unix_now(), actions);
    PM_ASSERT(adopted.has_value());  // we made and verified it
    state_.keys = std::move(state_.next_keys);
    log::info("this node has its next keys, for the {}th time", certified.certificate.generation);
    carry_out(actions);
}

// With the next keys on their way, or an old copy of the state directory: the last word is the root's.
void MeshNode::say_keys_are_replaced() {
    if (!replaced_) {
        replaced_ = true;
        log::error(
            "this node's keys were replaced by later ones: its state directory is an old copy. "
            "Bring a "
            "newer one back, or move it away and join again"
        );
    }
}

void MeshNode::rekey_member(const mesh::Rekeyed& change) {
    auto entry = remotes_.extract(change.before);
    if (entry.empty()) {
        return;
    }
    entry.key() = change.key;
    remotes_.insert(std::move(entry));
    if (auto routed = routes_.extract(change.before); !routed.empty()) {
        routed.key() = change.key;
        routes_.insert(std::move(routed));
    }
    wireguard::DeviceUpdate update;
    wireguard::PeerUpdate& peer = update.peers.emplace_back();
    peer.public_key = change.before;
    peer.update_only = true;
    peer.next_public_key = change.key;
    if (const Status applied = tunnel_.apply(update); !applied) {
        log::error("a member's next key: {}", applied.error().message());
    }
}

// The certificates of before are over.
void MeshNode::forget_previous_key_when_due() {
    if (!state_.ring.previous || unix_now() < state_.ring.previous->until) {
        return;
    }
    state_.ring.previous.reset();
    if (const auto saved = state_.store.save_keys(state_.ring); !saved) {
        log::error("{}", saved.error().message());
    }
    wireguard::DeviceUpdate update;
    update.previous_private_key = crypto::PrivateKey{};
    (void)tunnel_.apply(update);
}

MeshNode::RotationView MeshNode::rotation() const {
    if (!mesh_.is_rotating()) {
        return RotationView::kDone;
    }
    const Instant now = monotonic_now();
    for (const auto& [node, member] : mesh_.directory().members()) {
        const bool may_certify = member.descriptor.has(identity::Capability::kIntroducer);
        if (may_certify && (state_.root || mesh_.is_linked(node, now))) {
            return RotationView::kAsking;
        }
    }
    return RotationView::kWaiting;
}

}  // namespace phantom::daemon
