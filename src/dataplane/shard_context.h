#pragma once

// What the two halves of a shard share: the queues to the control thread, counters, and the view
// of the world for the batch at hand.

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>

#include "base/clock.h"
#include "base/spsc_ring.h"
#include "crypto/packet_aead.h"
#include "dataplane/access.h"
#include "dataplane/quiescence.h"
#include "dataplane/relayed_inbox.h"
#include "dataplane/tap.h"
#include "io/event_loop.h"
#include "io/tun.h"
#include "io/udp.h"
#include "wire/control_frame.h"
#include "wire/message.h"
#include "wireguard/forwarding.h"

namespace phantom::dataplane {

// A handshake message on its way to the control thread.
struct HandshakeDatagram {
    wire::Endpoint from;
    std::size_t size;
    std::array<std::uint8_t, wire::kHandshakeSizeMax> bytes;
};

// A control frame that a peer sent, on its way to the control thread.
struct ControlDatagram {
    wireguard::PeerId peer;
    wire::ControlKind kind;
    wire::SocketAddress from;
    std::size_t size;
    std::array<std::uint8_t, wire::kControlPayloadSizeMax> bytes;
};

// Three queues, so that a flood of handshakes cannot crowd out what established peers report or say.
inline constexpr std::size_t kReportQueueSize = 1024;
using HandshakeQueue = SpscRing<HandshakeDatagram, wireguard::kHandshakeQueueSize>;
inline constexpr std::size_t kControlQueueSize = 256;
using ControlQueue = SpscRing<ControlDatagram, kControlQueueSize>;
using ReportQueue = SpscRing<wireguard::PathReport, kReportQueueSize>;

// One writer (the shard), read by anyone: relaxed, each by itself exact.
class Counter {
  public:
    void add(std::uint64_t count = 1) {
        value_.store(value_.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
    }
    [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

  private:
    std::atomic<std::uint64_t> value_{0};
};

struct ShardCounters {
    Counter packets_out;
    Counter packets_in;
    Counter keepalives_in;
    Counter tun_reads;
    Counter tun_writes;
    Counter receive_calls;
    Counter send_runs;
    Counter staged;
    // Dropped, by reason.
    Counter bad_inner_packet;  // from the TUN: not IP, or an offload header that contradicts it
    Counter no_peer;           // no allowed IP covers the destination
    Counter staging_overflow;
    Counter bad_datagram;  // not a WireGuard message
    Counter no_session;    // unknown receiver index, expired, or another shard's
    Counter not_authentic;
    Counter replayed;
    Counter control_in;
    Counter control_queue_full;
    Counter control_only;        // a user's packet on a session that may carry none
    Counter source_not_allowed;  // crypto routing: the inner source belongs to somebody else
    Counter policy_denied;       // no grant covers it
    Counter over_allowance;      // this node holds something against the peer
    Counter handshake_queue_full;
    Counter tun_write_failed;
    Counter relayed;   // frames carried on between two others
    Counter no_relay;  // the relay for a packet or a frame has no way itself
    Counter relayed_inbox_full;
    Counter relay_over_share;  // one member has more carried than it may
    Counter bad_relay_frame;   // not from whom it says, or for nobody here
    Counter merge_refused;     // the kernel did not take a coalesced packet; sent one by one
};

// Written by the control thread, read by shards.
struct Published {
    std::atomic<const wireguard::Forwarding*> forwarding{nullptr};
    std::atomic<const AccessRules*> access{nullptr};
    std::atomic<std::uint32_t> mtu{1420};
};

struct ShardContext {
    std::uint32_t index;
    io::TunQueue& tun;
    io::UdpSocket* udp;  // null while the link is down
    std::unique_ptr<crypto::PacketAead> aead;
    io::Offloads tun_offloads;

    // For the batch at hand.
    Instant now;
    std::uint32_t mtu;
    const wireguard::Forwarding* forwarding;
    AccessFilter access;
    TapFeed& tap;

    // Of every shard, by index: where datagrams go that came over a relay.
    std::span<RelayedInbox* const> inboxes;

    HandshakeQueue& handshakes;
    ReportQueue& reports;
    ControlQueue& controls;
    io::WakeUp& control_wake;
    std::atomic<bool>& control_signalled;
    ShardCounters& counters;

    void signal_control() {
        if (!control_signalled.exchange(true, std::memory_order_acq_rel)) {
            control_wake.signal();
        }
    }

    // Once per event until the Device has dealt with it; a full queue lets the next batch try.
    void report(wireguard::PeerPath& path, wireguard::PathReport report) {
        if (!path.claim(report.event)) {
            return;
        }
        report.peer = path.id;
        if (!reports.push(report)) {
            path.clear(report.event);
        }
        signal_control();
    }
};

}  // namespace phantom::dataplane
