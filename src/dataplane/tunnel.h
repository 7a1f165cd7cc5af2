#pragma once

// A WireGuard interface at work: the protocol (wireguard::Device) on the control thread, the packet
// shards, the sockets, and the kernel's news about the link. The daemon's one entry to the data
// plane.
//
// Thread: all methods on the thread that runs the EventLoop it was given. Limits: see
// wireguard/constants.h, outbound.h, inbound.h.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "dataplane/shard.h"
#include "io/event_loop.h"
#include "io/link.h"
#include "io/offloads.h"
#include "io/tun.h"
#include "wireguard/device.h"

namespace phantom::dataplane {

inline constexpr std::uint32_t kDefaultMtu = 1420;
// Super-packets count as one; deep enough for a burst, shallow enough not to add latency.
inline constexpr std::uint32_t kTransmitQueueLength = 1000;

struct TunnelOptions {
    io::Offloads offloads;  // as proven at start-up
};

struct TunnelStatus {
    std::string interface;
    std::uint16_t listen_port = 0;
    std::uint32_t fwmark = 0;
    wireguard::DeviceStatus device;
};

// What a mesh hears from the tunnel beneath it; called on the control thread.
class TunnelListener {
  public:
    // Routes or local addresses have changed.
    virtual void on_network_change() {}
    // The user's packets wait for a session with this peer.
    virtual void on_wanted(const crypto::PublicKey& /*peer*/) {}

    TunnelListener() = default;
    TunnelListener(const TunnelListener&) = delete;
    TunnelListener& operator=(const TunnelListener&) = delete;
    virtual ~TunnelListener() = default;

    virtual void on_session(const wireguard::SessionBegan& began) = 0;
    // Authentic and not replayed, over the way `from` (a relay_endpoint(), perhaps). Frames may be
    // lost, doubled or out of order.
    virtual void on_control(
        const crypto::PublicKey& peer, const wire::SocketAddress& from, wire::ControlKind kind,
        ByteView payload
    ) = 0;
};

class Tunnel final {
  public:
    // One shard a TUN queue. Does not start until start().
    Tunnel(io::Tun tun, const TunnelOptions& options, io::EventLoop& loop, Random& random);
    ~Tunnel();
    Tunnel(const Tunnel&) = delete;
    Tunnel& operator=(const Tunnel&) = delete;

    [[nodiscard]] Status start();

    // All or nothing. IoError::kSocketBind with errno when the port is taken.
    [[nodiscard]] Status apply(const wireguard::DeviceUpdate& update);
    [[nodiscard]] TunnelStatus status() const;
    // Who may reach whom from the next batch on. Null: everybody, everything.
    void set_policy(std::shared_ptr<const policy::CompiledPolicy> policy);
    // Of the user's packets from a peer, bytes a second; 0: none, and none to it (wireguard/allowance.h).
    // A peer that is taken out and put in again has none. False: there is no such peer.
    bool set_allowance(const crypto::PublicKey& peer, std::uint64_t bytes_per_s);
    // None: there is no such peer.
    [[nodiscard]] std::optional<std::uint64_t> allowance_of(const crypto::PublicKey& peer) const;
    // Null: nobody listens, and control frames are dropped. `listener` outlives the Tunnel or is
    // taken back with null.
    void set_listener(TunnelListener* listener) { listener_ = listener; }
    // One frame of at most wire::kControlPayloadSizeMax bytes on the peer's current session. False:
    // there is none, or no socket; it is not kept.
    bool send_control(const crypto::PublicKey& peer, wire::ControlKind kind, ByteView payload);
    // The same over another way than the one that packets take: to try it out.
    bool send_control(
        const crypto::PublicKey& peer, const wire::SocketAddress& over, wire::ControlKind kind,
        ByteView payload
    );

    // When the user's packets last went to the peer, and anything authentic came from it the same way.
    // Zero: never.
    struct Traffic {
        Instant data_sent;
        Instant received;
    };
    [[nodiscard]] Traffic traffic_of(const crypto::PublicKey& peer) const;

    // Where the peer's packets come from and go to now. None: unknown, or no such peer.
    [[nodiscard]] std::optional<wire::SocketAddress> endpoint_of(const crypto::PublicKey& peer
    ) const;

    // One watcher at a time, on a thread of its own: between watch() and unwatch() it may take packets
    // from the rings, one a shard, and sleep on the wake-up. Packets are copied only meanwhile.
    struct Watch {
        std::vector<TapRing*> rings;
        TapWake* wake = nullptr;
    };
    [[nodiscard]] Watch watch();
    void unwatch() { tap_.is_watched.store(false, std::memory_order_relaxed); }
    // Copies that found no room, since the start. Any thread.
    [[nodiscard]] std::uint64_t tap_dropped() const;

    // The offloads in use, after what the kernel refused at run time.
    [[nodiscard]] io::Offloads offloads() const;
    // "packets_out 12 packets_in 9 ...": every counter that is not zero, all shards summed.
    [[nodiscard]] std::string counters_text() const;

    // Of the control thread: handshakes, and why some were not answered.
    [[nodiscard]] const wireguard::DeviceCounters& handshake_counters() const {
        return device_.counters();
    }
    // Of the cipher; empty before start().
    [[nodiscard]] std::string_view cipher_backend() const;
    // Every shard's counters, summed.
    [[nodiscard]] std::uint64_t count(Counter ShardCounters::* counter) const;

    // When tick() wants to be called; the daemon waits no longer than this.
    [[nodiscard]] Instant deadline() const;
    void tick();

    // The interface was deleted: nothing more will happen.
    [[nodiscard]] bool finished() const { return finished_; }

    // For tests of what happens when the kernel refuses at run time.
    void refuse_for_test(int gso_errno, int super_packet_errno);

  private:
    [[nodiscard]] Status open_sockets(std::uint16_t port);
    void close_sockets();
    void take_from_shards();
    void take_controls();
    void follow_link();
    void follow_routes();
    void carry_out(wireguard::Actions& actions);
    void send(const wireguard::SendMessage& message);
    // `inner` is sealed and sent on the peer's current session; empty is a keepalive. `over`: null is
    // the peer's endpoint.
    bool send_inner(wireguard::PeerPath& path, const wire::Endpoint* over, ByteView inner);
    void transmit(ByteView datagram, const wire::Endpoint& to, wire::HopId hop, std::uint8_t tos);
    bool send_over_relay(ByteView datagram, const wire::RelayRoute& route, wire::HopId destination);
    bool send_control_over(
        const crypto::PublicKey& peer, const wire::Endpoint* over, wire::ControlKind kind,
        ByteView payload
    );
    void tell_listener(
        const std::vector<wireguard::SessionBegan>& began,
        const std::vector<crypto::PublicKey>& wanted
    );

    io::Tun tun_;
    io::Offloads offloads_;
    io::EventLoop& loop_;
    wireguard::Device device_;
    Published published_;
    AccessState access_;
    std::shared_ptr<const AccessRules> access_rules_;
    std::uint32_t access_generation_ = 0;
    Tap tap_;
    Quiescence quiescence_;
    io::WakeUp wake_;
    std::atomic<bool> signalled_{false};
    std::unique_ptr<crypto::PacketAead> aead_;

    std::vector<std::unique_ptr<io::UdpSocket>> sockets_;  // one a shard; empty while down
    std::vector<std::unique_ptr<Shard>> shards_;
    std::vector<RelayedInbox*> inboxes_;
    std::unique_ptr<io::LinkMonitor> link_;
    std::unique_ptr<io::RouteMonitor> routes_;
    io::LinkState link_state_;
    std::uint16_t listen_port_ = 0;
    std::uint32_t fwmark_ = 0;
    bool finished_ = false;
    TunnelListener* listener_ = nullptr;
};

}  // namespace phantom::dataplane
