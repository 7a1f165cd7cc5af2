// The tunnel's part of /metrics: packets, handshakes, and each peer.

#include <map>

#include "daemon/metrics_service.h"
#include "metrics/families.h"
#include "wire/carried.h"
#include "wireguard/key_text.h"

namespace phantom::daemon {

namespace {

using dataplane::Counter;
using dataplane::ShardCounters;
using metrics::family;

struct NamedCounter {
    std::string_view name;
    Counter ShardCounters::* counter;
};

// docs/metrics.md says what each of them means.
constexpr auto kDropReasons = std::to_array<NamedCounter>({
    {"bad_inner_packet", &ShardCounters::bad_inner_packet},
    {"no_peer", &ShardCounters::no_peer},
    {"staging_overflow", &ShardCounters::staging_overflow},
    {"bad_datagram", &ShardCounters::bad_datagram},
    {"no_session", &ShardCounters::no_session},
    {"not_authentic", &ShardCounters::not_authentic},
    {"replayed", &ShardCounters::replayed},
    {"control_queue_full", &ShardCounters::control_queue_full},
    {"control_only", &ShardCounters::control_only},
    {"source_not_allowed", &ShardCounters::source_not_allowed},
    {"policy_denied", &ShardCounters::policy_denied},
    {"over_allowance", &ShardCounters::over_allowance},
    {"handshake_queue_full", &ShardCounters::handshake_queue_full},
    {"tun_write_failed", &ShardCounters::tun_write_failed},
});
constexpr auto kRelayDropReasons = std::to_array<NamedCounter>({
    {"no_relay", &ShardCounters::no_relay},
    {"inbox_full", &ShardCounters::relayed_inbox_full},
    {"over_share", &ShardCounters::relay_over_share},
    {"bad_frame", &ShardCounters::bad_relay_frame},
});

double unix_seconds(WallTime time) {
    return static_cast<double>(time.ns) / 1e9;
}

std::string_view path_of_member(const MeshNode::PeerView& member) {
    return !member.linked                        ? "none"
           : wire::is_relay(member.link->over)   ? "relay"
           : wire::is_carried(member.link->over) ? "tcp"
                                                 : "direct";
}

// A peer under the name that its series bear.
struct NamedPeer {
    std::string name;
    const wireguard::PeerStatus* status;  // null: the tunnel does not have it
};

}  // namespace

void MetricsService::write_tunnel(metrics::Writer& page, const dataplane::TunnelStatus& status)
    const {
    const dataplane::Tunnel& tunnel = at_.tunnel;
    const auto one = [&](const metrics::Family& of, Counter ShardCounters::* counter) {
        page.write(of, tunnel.count(counter));
    };
    page.begin(family("phantommesh_tunnel"));
    page.add({status.interface, tunnel.cipher_backend(), tunnel.offloads().to_string()}, 1);
    page.begin(family("phantommesh_tunnel_packets"));
    page.add({"in"}, tunnel.count(&ShardCounters::packets_in));
    page.add({"out"}, tunnel.count(&ShardCounters::packets_out));
    one(family("phantommesh_tunnel_keepalives_received"), &ShardCounters::keepalives_in);
    one(family("phantommesh_tunnel_staged_packets"), &ShardCounters::staged);
    one(family("phantommesh_tunnel_tun_reads"), &ShardCounters::tun_reads);
    one(family("phantommesh_tunnel_tun_writes"), &ShardCounters::tun_writes);
    one(family("phantommesh_tunnel_udp_receive_calls"), &ShardCounters::receive_calls);
    one(family("phantommesh_tunnel_udp_send_runs"), &ShardCounters::send_runs);
    one(family("phantommesh_tunnel_merge_refused"), &ShardCounters::merge_refused);
    one(family("phantommesh_tunnel_control_frames_received"), &ShardCounters::control_in);
    one(family("phantommesh_tunnel_relayed_frames"), &ShardCounters::relayed);
    page.write(family("phantommesh_tunnel_peers"), status.device.peers.size());
}

void MetricsService::write_drops(metrics::Writer& page) const {
    page.begin(family("phantommesh_tunnel_dropped_packets"));
    for (const NamedCounter& each : kDropReasons) {
        page.add({each.name}, at_.tunnel.count(each.counter));
    }
    page.begin(family("phantommesh_tunnel_relay_dropped_frames"));
    for (const NamedCounter& each : kRelayDropReasons) {
        page.add({each.name}, at_.tunnel.count(each.counter));
    }
}

void MetricsService::write_handshakes(metrics::Writer& page) const {
    const wireguard::DeviceCounters& device = at_.tunnel.handshake_counters();
    page.write(family("phantommesh_handshakes_initiated"), device.handshakes_initiated);
    page.begin(family("phantommesh_handshakes_completed"));
    static constexpr std::array<std::string_view, MeshNode::kSessionKinds> kSessions{
        "post_quantum", "control_only", "classic"
    };
    static constexpr std::array<std::string_view, 2> kRoles{"initiator", "responder"};
    for (std::size_t kind = 0; kind < kSessions.size(); ++kind) {
        for (std::size_t role = 0; role < kRoles.size(); ++role) {
            page.add({kSessions[kind], kRoles[role]}, at_.node.counters().sessions[kind][role]);
        }
    }
    page.begin(family("phantommesh_handshakes_rejected"));
    page.add({"bad_mac1"}, device.bad_mac1);
    page.add({"bad_mac2"}, device.bad_mac2);
    page.add({"rate_limited"}, device.rate_limited);
    page.add({"not_authentic"}, device.bad_handshakes);
    page.write(family("phantommesh_handshake_cookies_sent"), device.cookies_sent);
}

void MetricsService::write_peers(
    metrics::Writer& page, const dataplane::TunnelStatus& status,
    const std::vector<MeshNode::PeerView>& members
) const {
    std::map<crypto::PublicKey, const wireguard::PeerStatus*> by_key;
    std::vector<NamedPeer> stock;
    for (const wireguard::PeerStatus& each : status.device.peers) {
        by_key.emplace(each.public_key, &each);
        if (at_.imported.has(each.public_key)) {
            stock.push_back({wireguard::key_text(each.public_key), &each});
        }
    }
    std::vector<NamedPeer> all;
    for (const MeshNode::PeerView& each : members) {
        const auto found = by_key.find(each.record->descriptor.keys.wireguard);
        all.push_back(
            {each.record->certificate.name.text(), found == by_key.end() ? nullptr : found->second}
        );
    }
    page.begin(family("phantommesh_peer"));
    for (const NamedPeer& each : all) {
        page.add({each.name, "member"}, 1);
    }
    for (const NamedPeer& each : stock) {
        page.add({each.name, "stock"}, 1);
    }
    all.insert(all.end(), stock.begin(), stock.end());
    page.begin(family("phantommesh_peer_receive_bytes"));
    for (const NamedPeer& each : all) {
        page.add({each.name}, each.status == nullptr ? 0 : each.status->received_bytes);
    }
    page.begin(family("phantommesh_peer_transmit_bytes"));
    for (const NamedPeer& each : all) {
        page.add({each.name}, each.status == nullptr ? 0 : each.status->sent_bytes);
    }
    page.begin(family("phantommesh_peer_last_handshake_timestamp_seconds"));
    for (const NamedPeer& each : all) {
        page.add(
            {each.name},
            unix_seconds(each.status == nullptr ? WallTime{} : each.status->last_handshake)
        );
    }
    write_members(page, members);
}

void MetricsService::write_members(
    metrics::Writer& page, const std::vector<MeshNode::PeerView>& members
) {
    const auto name = [](const MeshNode::PeerView& member) {
        return member.record->certificate.name.text();
    };
    // Those of which there is something to say.
    const auto each = [&](const metrics::Family& of, const auto& value_of) {
        page.begin(of);
        for (const MeshNode::PeerView& member : members) {
            if (const std::optional<double> value = value_of(member)) {
                page.add({name(member)}, *value);
            }
        }
    };
    using Value = std::optional<double>;
    using View = MeshNode::PeerView;
    each(family("phantommesh_peer_up"), [](const View& of) -> Value { return of.linked ? 1 : 0; });
    page.begin(family("phantommesh_peer_path"));
    for (const View& member : members) {
        page.add({name(member), path_of_member(member)}, 1);
    }
    each(family("phantommesh_peer_rtt_seconds"), [](const View& of) -> Value {
        return of.linked && of.link->rtt
                   ? Value(std::chrono::duration<double>(*of.link->rtt).count())
                   : std::nullopt;
    });
    each(family("phantommesh_peer_loss_ratio"), [](const View& of) -> Value {
        return of.linked ? Value(of.link->loss) : std::nullopt;
    });
    each(family("phantommesh_peer_pq_established"), [](const View& of) -> Value {
        return of.post_quantum ? 1 : 0;
    });
    each(family("phantommesh_peer_pq_since_timestamp_seconds"), [](const View& of) -> Value {
        return of.post_quantum_since ? Value(static_cast<double>(of.post_quantum_since->s))
                                     : std::nullopt;
    });
    page.begin(family("phantommesh_peer_control_only_sessions"));
    for (const View& member : members) {
        page.add({name(member)}, member.control_only_sessions);
    }
    each(
        family("phantommesh_peer_certificate_expiry_timestamp_seconds"),
        [](const View& of) -> Value { return static_cast<double>(of.record->certificate.expiry.s); }
    );
}

// As github.com/mdlayher/wireguard_exporter names and labels them.
void MetricsService::write_aliases(metrics::Writer& page, const dataplane::TunnelStatus& status)
    const {
    const std::string own = wireguard::key_text(at_.node.mesh().self().descriptor.keys.wireguard);
    page.begin(family("wireguard_device"));
    page.add({status.interface, own}, 1);
    page.begin(family("wireguard_peer"));
    for (const wireguard::PeerStatus& peer : status.device.peers) {
        std::string allowed;
        for (const wire::Prefix& each : peer.allowed_ips) {
            allowed += allowed.empty() ? "" : ",";
            allowed += each.to_string();
        }
        page.add(
            {allowed, status.interface, peer.endpoint ? peer.endpoint->to_string() : std::string(),
             wireguard::key_text(peer.public_key)},
            1
        );
    }
    const auto each = [&](const metrics::Family& of, const auto& value_of) {
        page.begin(of);
        for (const wireguard::PeerStatus& peer : status.device.peers) {
            page.add({wireguard::key_text(peer.public_key)}, value_of(peer));
        }
    };
    using Peer = wireguard::PeerStatus;
    each(family("wireguard_peer_receive_bytes"), [](const Peer& of) { return of.received_bytes; });
    each(family("wireguard_peer_transmit_bytes"), [](const Peer& of) { return of.sent_bytes; });
    each(family("wireguard_peer_last_handshake_seconds"), [](const Peer& of) {
        return unix_seconds(of.last_handshake);
    });
}

}  // namespace phantom::daemon
