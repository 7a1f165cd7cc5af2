#pragma once

// Packets, handshakes, post-quantum keys. The first part of families.h.

#include "metrics/family.h"

namespace phantom::metrics {

inline constexpr auto kTunnelFamilies = std::to_array<Family>({
    {.name = "phantommesh_tunnel",
     .type = Type::kInfo,
     .help = "The interface, its cipher's backend and the offloads in use",
     .labels = {"interface", "cipher", "offloads"}},
    {.name = "phantommesh_tunnel_packets",
     .type = Type::kCounter,
     .help = "Packets through the tunnel; a super-packet counts as the segments it is cut into",
     .labels = {"direction"}},
    {.name = "phantommesh_tunnel_dropped_packets",
     .type = Type::kCounter,
     .help = "Packets and datagrams that were dropped, by reason; docs/metrics.md has the reasons",
     .labels = {"reason"}},
    {.name = "phantommesh_tunnel_keepalives_received",
     .type = Type::kCounter,
     .help = "Empty packets that peers sent so that their address translation stays open"},
    {.name = "phantommesh_tunnel_staged_packets",
     .type = Type::kCounter,
     .help = "Packets that waited for a session"},
    {.name = "phantommesh_tunnel_tun_reads",
     .type = Type::kCounter,
     .help = "Reads from the TUN device"},
    {.name = "phantommesh_tunnel_tun_writes",
     .type = Type::kCounter,
     .help = "Writes to the TUN device"},
    {.name = "phantommesh_tunnel_udp_receive_calls",
     .type = Type::kCounter,
     .help = "Calls of recvmmsg that brought something"},
    {.name = "phantommesh_tunnel_udp_send_runs",
     .type = Type::kCounter,
     .help = "Runs of datagrams of one peer and one size that were handed to the kernel at once"},
    {.name = "phantommesh_tunnel_merge_refused",
     .type = Type::kCounter,
     .help = "Coalesced packets that the kernel did not take, and that were sent one by one"},
    {.name = "phantommesh_tunnel_control_frames_received",
     .type = Type::kCounter,
     .help = "Frames of the mesh and of key exchanges that came inside sessions"},
    {.name = "phantommesh_tunnel_relayed_frames",
     .type = Type::kCounter,
     .help = "Frames that this node carried on between two others"},
    {.name = "phantommesh_tunnel_relay_dropped_frames",
     .type = Type::kCounter,
     .help = "Frames that it did not carry on, by reason",
     .labels = {"reason"}},
    {.name = "phantommesh_tunnel_peers",
     .type = Type::kGauge,
     .help = "WireGuard peers: members, stock peers, and guests who show a token"},

    {.name = "phantommesh_handshakes_initiated",
     .type = Type::kCounter,
     .help = "Initiations that this node has sent"},
    {.name = "phantommesh_handshakes_completed",
     .type = Type::kCounter,
     .help = "Sessions that began. kind: post_quantum, control_only (no packet of yours may pass "
             "yet), classic (stock "
             "peers and guests)",
     .labels = {"kind", "role"}},
    {.name = "phantommesh_handshakes_rejected",
     .type = Type::kCounter,
     .help = "Handshake messages that were not answered, by reason",
     .labels = {"reason"}},
    {.name = "phantommesh_handshake_cookies_sent",
     .type = Type::kCounter,
     .help = "Cookies that were asked for under load"},

    {.name = "phantommesh_pq_exchanges",
     .type = Type::kCounter,
     .help =
         "Post-quantum key exchanges by outcome; reset: agreed, but one side had lost its state",
     .labels = {"outcome"}},
    {.name = "phantommesh_pq_dropped_frames",
     .type = Type::kCounter,
     .help = "Frames of key exchanges that were not taken"},
    {.name = "phantommesh_pq_links",
     .type = Type::kGauge,
     .help =
         "Links to members that are there, by what their keys are: post_quantum or control_only",
     .labels = {"keys"}},
    {.name = "phantommesh_pq_ready",
     .type = Type::kGauge,
     .help = "1: there are post-quantum keys on every link that is there"},
});

}  // namespace phantom::metrics
