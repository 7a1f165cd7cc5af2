#include "daemon/mesh_node.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/assert.h"
#include "base/log.h"
#include "daemon/own_endpoints.h"

namespace phantom::daemon {

namespace {

std::uint64_t label_of(const pq::PskId& id) {
    return load_le<std::uint64_t>(id.data());
}
pq::PskId id_of(std::uint64_t label) {
    pq::PskId id;
    store_le<std::uint64_t>(id.data(), label);
    return id;
}

}  // namespace

MeshNode::MeshNode(MeshState state, dataplane::Tunnel& tunnel, Random& random)
    : state_(std::move(state)),
      tunnel_(tunnel),
      random_(random),
      mesh_(
          {.keys = *state_.keys,
           .root = state_.membership.root,
           .self = state_.self,
           .grants = static_cast<bool>(state_.root)},
          unix_now()
      ) {
    auto own = kem_.from_seed(state_.keys->seeds().kem);
    PM_ASSERT(own.has_value());
    own_kem_ = std::move(*own);
    memories_ = std::move(state_.memories);
}

MeshNode::~MeshNode() {
    if (keys_gate_.has_changed()) {
        save_keys(monotonic_now());
    }
    tunnel_.set_listener(nullptr);
}

Status MeshNode::start() {
    tunnel_.set_listener(this);
    wireguard::DeviceUpdate update;
    update.private_key = state_.keys->seeds().wireguard;
    if (state_.ring.previous) {
        update.previous_private_key = state_.ring.previous->wireguard;
    }
    update.listen_port = state_.membership.listen_port;
    update.replace_peers = true;
    PM_TRY(tunnel_.apply(update));
    tell_relaying();
    mesh::Actions actions;
    mesh_.restore(state_.members, state_.revocations, unix_now(), actions);
    if (state_.policy) {
        // Whoever went on without it would open what it closed.
        const Status held = mesh_.set_policy(*state_.policy, actions);
        if (!held) {
            log::error("policy.db is not from the root of this mesh; move it away to begin anew");
            return held;
        }
    }
    carry_out(actions);
    tell_holding();  // a root that was unsealed is sealed again
    recall_issued();
    admit_guests();
    if (state_.ring.next) {
        (void)rotate();  // what was asked for in the last run
    }
    follow_endpoints(monotonic_now());
    return {};
}

// The tunnel serves relays and is served by them under the first bytes of our id.
void MeshNode::tell_relaying() {
    const identity::Descriptor& self = mesh_.self().descriptor;
    wireguard::DeviceUpdate update;
    update.relaying = {
        .self = wire::hop_id(mesh_.id().bytes.data()),
        .willing = self.has(identity::Capability::kRelay),
    };
    (void)tunnel_.apply(update);
}

Instant MeshNode::deadline() const {
    return std::min(mesh_.deadline(), monotonic_now() + kTickInterval);
}

void MeshNode::observe(Instant now, mesh::Actions& actions) {
    for (const auto& [key, remote] : remotes_) {
        if (!remote.has_session) {
            continue;
        }
        const dataplane::Tunnel::Traffic traffic = tunnel_.traffic_of(key);
        const mesh::Paths::Situation situation{
            .current = tunnel_.endpoint_of(key).value_or(wire::SocketAddress{}),
            .data_sent = traffic.data_sent,
            .received = traffic.received,
        };
        mesh_.observe(key, situation, now, actions);
    }
}

void MeshNode::tick() {
    const Instant now = monotonic_now();
    end_hold_when_over(now);
    if (now >= next_endpoints_) {
        follow_endpoints(now);
    }
    mesh::Actions actions;
    observe(now, actions);
    if (now >= mesh_.deadline()) {
        mesh_.tick(now, unix_now(), random_, actions);
    }
    carry_out(actions);
    if (policy_stale_) {
        compile_policy();
    }
    for (auto& [key, remote] : remotes_) {
        pq::Actions pq_actions;
        remote.pq->tick(now, pq_actions);
        if (remote.has_session && now >= remote.pq->renew_at()) {
            (void)remote.pq->start(now, random_, pq_actions);
        }
        carry_out(key, remote, pq_actions);
        if (now >= remote.rekey_at) {
            remote.rekey_at = kFarFuture;
            give_keys(key, remote, true);
        }
    }
    save_keys_when_due(now);
    forget_previous_key_when_due();
}

void MeshNode::set_mapped_endpoint(const std::optional<wire::SocketAddress>& endpoint) {
    mapped_ = endpoint;
    follow_endpoints(monotonic_now());
}

// An explicit endpoint, what a router maps to us, what the interfaces have; others add what they see.
void MeshNode::follow_endpoints(Instant now) {
    next_endpoints_ = now + kEndpointsInterval;
    const dataplane::TunnelStatus status = tunnel_.status();
    auto endpoints = own_endpoints(state_.membership.listen_port, status.interface);
    if (mapped_ && std::ranges::find(endpoints, *mapped_) == endpoints.end()) {
        endpoints.insert(endpoints.begin(), *mapped_);
    }
    if (const auto given = identity::TokenEndpoint::parse(state_.membership.endpoint)) {
        if (const auto* address = std::get_if<wire::Address>(&given->host)) {
            endpoints.insert(endpoints.begin(), {.address = *address, .port = given->port});
        }
    }
    mesh::Actions actions;
    if (const auto set = mesh_.set_endpoints(std::move(endpoints), unix_now(), actions); !set) {
        log::warning("own endpoints: {}", set.error().message());
    }
    carry_out(actions);
}

// ---- What the tunnel tells ----------------------------------------------------------------------

void MeshNode::on_network_change() {
    ++network_changes_;
    next_endpoints_ = std::min(next_endpoints_, monotonic_now() + kEndpointsDelay);
}

void MeshNode::on_wanted(const crypto::PublicKey& peer) {
    mesh::Actions actions;
    mesh_.wanted(peer, monotonic_now(), actions);
    carry_out(actions);
}

void MeshNode::on_session(const wireguard::SessionBegan& began) {
    const auto at = remotes_.find(began.peer);
    const SessionKind kind = at == remotes_.end() ? SessionKind::kClassic
                             : began.control_only ? SessionKind::kControlOnly
                                                  : SessionKind::kPostQuantum;
    ++counters_.sessions[static_cast<std::size_t>(kind)][began.initiator ? 0 : 1];
    if (at == remotes_.end()) {
        return;  // a guest: it speaks first
    }
    Remote& remote = at->second;
    const Instant now = monotonic_now();
    remote.has_session = true;
    remote.control_only = began.control_only;
    remote.control_only_sessions += began.control_only ? 1 : 0;
    keys_gate_.changed_a_little(now);  // the greatest timestamp, at least
    if (!began.control_only) {
        remote.rekey_at = kFarFuture;
        remote.calls_with_kept = 0;
        if (!remote.post_quantum_since) {
            remote.post_quantum_since = unix_now();
            const auto* member = mesh_.directory().find(remote.node);
            log::info(
                "{}: post-quantum keys {}",
                member != nullptr ? member->descriptor.name.text() : "?",
                remote.kept ? "of before are good" : "agreed"
            );
        }
    }
    pq::Actions pq_actions;
    remote.pq->psk_used(id_of(began.preshared_key_label), now, pq_actions);
    remote.pq->wireguard_handshake_done(began.handshake_hash, now, random_, pq_actions);
    // One side begins, so that the two need not settle who; the other does when nothing comes.
    if (began.control_only && began.initiator) {
        (void)remote.pq->start(now, random_, pq_actions);
    }
    carry_out(began.peer, remote, pq_actions);
    mesh::Actions actions;
    mesh_.session_began(began.peer, now, actions);
    carry_out(actions);
}

void MeshNode::on_control(
    const crypto::PublicKey& peer, const wire::SocketAddress& from, wire::ControlKind kind,
    ByteView payload
) {
    const auto at = remotes_.find(peer);
    if (at == remotes_.end()) {
        if (kind == wire::ControlKind::kMesh) {
            on_guest_message(peer, payload);
        }
        return;
    }
    if (kind == wire::ControlKind::kPostQuantum) {
        on_pq_frame(peer, at->second, payload);
        return;
    }
    const Instant now = monotonic_now();
    const auto message = at->second.assembler.add(payload, now);
    if (!message) {
        return;
    }
    mesh::Actions actions;
    const Status taken = mesh_.receive(peer, from, *message, now, unix_now(), actions);
    if (!taken) {
        ++counters_.messages_dropped;
        log::debug("a message was dropped: {}", taken.error().message());
    }
    carry_out(actions);
}

void MeshNode::on_pq_frame(const crypto::PublicKey& key, Remote& remote, ByteView frame) {
    const auto parsed = pq::parse_frame(frame);
    pq::Actions actions;
    const Status taken = remote.pq->receive(frame, monotonic_now(), random_, actions);
    if (!taken) {
        ++counters_.pq_frames_dropped;
        log::debug("post-quantum frame dropped: {}", taken.error().message());
    }
    const bool confirmed = std::ranges::any_of(actions.events, [](const pq::Event& each) {
        return each.kind == pq::EventKind::kConfirmed || each.kind == pq::EventKind::kRatchetReset;
    });
    if (confirmed) {
        remote.kept = false;
    }
    carry_out(key, remote, actions);
    if (confirmed && (remote.control_only || std::exchange(remote.rekey_wanted, false))) {
        // Who got the last proof knows that both have the key.
        const bool ours = parsed && parsed->type == pq::MessageType::kConfirm;
        remote.rekey_at = ours ? monotonic_now() : monotonic_now() + kRekeyPatience;
        if (ours) {
            remote.rekey_at = kFarFuture;
            give_keys(key, remote, true);
        }
    }
}

// ---- What the protocols ask for -----------------------------------------------------------------

void MeshNode::hear(const std::vector<mesh::Heard>& reports) {
    const std::size_t room = kHeardMax - std::min(kHeardMax, heard_.size());
    heard_.insert(
        heard_.end(), reports.begin(),
        reports.begin() + static_cast<std::ptrdiff_t>(std::min(room, reports.size()))
    );
}

void MeshNode::say_conflicts(const std::vector<mesh::AddressConflict>& conflicts) {
    for (const mesh::AddressConflict& each : conflicts) {
        log::warning(
            "{} is an address of two nodes: {} has it for longer and keeps it, {} is refused; "
            "revoke one and let it join again",
            each.address.to_string(), each.keeps.short_text(), each.refused.short_text()
        );
    }
}

void MeshNode::carry_out(const mesh::Actions& actions) {
    const bool members_changed = !actions.joined.empty() || !actions.left.empty();
    policy_stale_ = policy_stale_ || members_changed;
    issued_stale_ = issued_stale_ || members_changed;
    hear(actions.reports);
    if (actions.policy_changed) {
        take_policy();
    }
    for (const mesh::Rekeyed& change : actions.rekeyed) {
        rekey_member(change);
    }
    for (const identity::NodeId& node : actions.joined) {
        add_member(node);
    }
    for (const mesh::Attempt& attempt : actions.attempts) {
        call(attempt);
    }
    for (const mesh::Move& each : actions.moves) {
        move(each);
    }
    for (const mesh::Send& each : actions.sends) {
        send(each);
    }
    // After the sends: who is put out is told so.
    for (const crypto::PublicKey& key : actions.left) {
        remove_member(key);
    }
    for (const crypto::PublicKey& key : actions.ended) {
        if (const auto at = remotes_.find(key); at != remotes_.end()) {
            at->second.has_session = false;
        }
    }
    if (actions.neighbours_changed) {
        hold_open_neighbours();
    }
    if (actions.save) {
        save_members();
    }
    if (actions.renewed) {
        log::info("this node has a new certificate");
    }
    for (const mesh::Renewal& renewal : actions.renewals) {
        renew(renewal);
    }
    if (actions.certified) {
        take_next_keys(*actions.certified);
    }
    if (actions.rotation_due) {
        (void)rotate();  // what went wrong is said, and it is due again
    }
    say_conflicts(actions.address_conflicts);
    if (actions.keys_replaced) {
        say_keys_are_replaced();
    }
    if (actions.revoked_ourselves && !revoked_) {
        revoked_ = true;
        log::error("this node was put out of the mesh by its root; it stops");
    }
}

void MeshNode::carry_out(const crypto::PublicKey& key, Remote& remote, const pq::Actions& actions) {
    if (actions.keys_changed) {
        give_keys(key, remote, false);
        // Before the peer hears of it, where the disk is not busy with the one before.
        keys_gate_.changed(monotonic_now());
        save_keys_when_due(monotonic_now());
    }
    for (const pq::Frame& frame : actions.sends) {
        (void)tunnel_.send_control(key, wire::ControlKind::kPostQuantum, frame.view());
    }
    for (const pq::Event& event : actions.events) {
        ++counters_.exchanges.at(static_cast<std::size_t>(event.kind));
        if (event.kind == pq::EventKind::kUnanswered) {
            log::debug("a post-quantum exchange came to nothing; it is tried again");
        }
    }
}

// With others a link is made when there is something to send.
void MeshNode::hold_open_neighbours() {
    wireguard::DeviceUpdate update;
    for (auto& [key, remote] : remotes_) {
        const bool keep = mesh_.is_neighbour(remote.node);
        if (keep != remote.held_open) {
            remote.held_open = keep;
            wireguard::PeerUpdate& peer = update.peers.emplace_back();
            peer.public_key = key;
            peer.update_only = true;
            peer.persistent_keepalive_s = keep ? kKeepaliveS : std::uint16_t{0};
        }
    }
    (void)tunnel_.apply(update);
}

void MeshNode::call(const mesh::Attempt& attempt) {
    wireguard::DeviceUpdate update;
    wireguard::PeerUpdate& peer = update.peers.emplace_back();
    peer.public_key = attempt.to;
    peer.update_only = true;
    peer.also_call = attempt.endpoints;
    peer.handshake_now = true;
    if (const auto at = remotes_.find(attempt.to); at != remotes_.end() && at->second.kept) {
        ++at->second.calls_with_kept;
        peer.preshared_keys = keys_of(at->second);
    }
    (void)tunnel_.apply(update);
}

void MeshNode::move(const mesh::Move& move) {
    ++(move.take.failover ? counters_.failovers : counters_.moves);
    wireguard::DeviceUpdate update;
    wireguard::PeerUpdate& peer = update.peers.emplace_back();
    peer.public_key = move.to;
    peer.update_only = true;
    peer.endpoint = move.take.over;
    (void)tunnel_.apply(update);
    const auto* member = mesh_.directory().find(move.to);
    if (member != nullptr) {
        log::debug(
            "{}: packets go {} {}{}", member->descriptor.name.text(),
            wire::is_relay(move.take.over) ? "over relays" : "to", move.take.over.to_string(),
            move.take.failover ? "; the way before is silent" : ""
        );
    }
}

void MeshNode::send(const mesh::Send& message) {
    for (const mesh::Message& fragment : mesh::cut(message.message)) {
        const bool sent =
            message.over ? tunnel_.send_control(
                               message.to, *message.over, wire::ControlKind::kMesh, fragment
                           )
                         : tunnel_.send_control(message.to, wire::ControlKind::kMesh, fragment);
        if (!sent) {
            return;  // no session: whatever it was is said again when there is one
        }
    }
}

std::vector<wireguard::PresharedKey> MeshNode::keys_of(const Remote& remote) {
    std::vector<wireguard::PresharedKey> keys;
    const auto add = [&](const pq::Psk& psk) {
        const bool known = std::ranges::any_of(keys, [&](const wireguard::PresharedKey& each) {
            return each.label == label_of(psk.id);
        });
        if (!known && !psk.is_bootstrap()) {
            keys.push_back({psk.key, false, label_of(psk.id)});
        }
    };
    // The first is what responses use.
    add(remote.pq->respond_with());
    const pq::Candidates candidates = remote.pq->candidates();  // a temporary would be wiped
    for (const pq::Psk& psk : candidates.view()) {
        add(psk);
    }
    keys.push_back({remote.bootstrap, true, label_of(pq::kBootstrapId)});
    if (remote.pq->respond_with().is_bootstrap() || doubts_keys(remote)) {
        std::ranges::rotate(keys, std::prev(keys.end()));
    }
    return keys;
}

void MeshNode::give_keys(const crypto::PublicKey& key, const Remote& remote, bool handshake) {
    wireguard::DeviceUpdate update;
    wireguard::PeerUpdate& peer = update.peers.emplace_back();
    peer.public_key = key;
    peer.update_only = true;
    peer.preshared_keys = keys_of(remote);
    peer.handshake_now = handshake;
    if (const Status applied = tunnel_.apply(update); !applied) {
        log::error("pre-shared keys: {}", applied.error().message());
    }
}

}  // namespace phantom::daemon
