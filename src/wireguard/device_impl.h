#pragma once

// The Device's state and the map of its code. Private to this folder.
//
//     device.cpp             the facade, status, up and down
//     device_apply.cpp       configuration: check all of it, then do all of it
//     device_receive.cpp     a handshake message comes in
//     device_timers.cpp      reports of the shards, tick, handshakes we begin
//     device_sessions.cpp    sessions, endpoints and tables as the shards see them

#include <map>
#include <memory>
#include <unordered_map>

#include "base/random.h"
#include "wireguard/admission.h"
#include "wireguard/allowed_ip_owners.h"
#include "wireguard/deadline_heap.h"
#include "wireguard/device.h"
#include "wireguard/index_table.h"
#include "wireguard/peer.h"

namespace phantom::wireguard {

class Device::Impl {
  public:
    Impl(const DeviceOptions& options, Random& random);

    // device_apply.cpp
    [[nodiscard]] Status check(const DeviceUpdate& update) const;
    void apply(const DeviceUpdate& update, Instant now, Actions& actions);
    [[nodiscard]] DeviceStatus status() const;

    // device.cpp
    void up(Instant now, Actions& actions);
    void down(Actions& actions);

    // device_receive.cpp
    void receive(
        ByteView datagram, const wire::Endpoint& from, std::size_t queue_depth, Instant now,
        WallTime wall, Actions& actions
    );

    // device_timers.cpp
    void report(const PathReport& report, Instant now, WallTime wall, Actions& actions);
    void tick(Instant now, WallTime wall, Actions& actions);
    [[nodiscard]] Instant deadline() const { return deadlines_.earliest(); }

    // device_sessions.cpp
    [[nodiscard]] const Forwarding& forwarding() const { return *forwarding_; }
    [[nodiscard]] PeerPath* find_path(PeerId id) const;
    [[nodiscard]] PeerPath* find_path(const crypto::PublicKey& key) const;
    [[nodiscard]] std::optional<crypto::PublicKey> public_key_of(PeerId id) const;
    void forget_sources(Actions& actions);

    [[nodiscard]] const DeviceCounters& counters() const { return counters_; }

  private:
    // One event's context, so that the functions below need not pass four arguments around.
    struct Event {
        Instant now;
        WallTime wall;
        Actions& actions;
    };
    // A handshake message and where it came from.
    struct Arrival {
        ByteView datagram;
        const wire::Endpoint& from;
    };

    // device_apply.cpp
    void set_private_key(const crypto::PrivateKey& key, Instant now, Actions& actions);
    void set_next_private_key(const crypto::PrivateKey& key, Instant now, Actions& actions);
    void set_previous_private_key(const crypto::PrivateKey& key);
    void set_identity(const crypto::PrivateKey& key, Actions& actions);
    void set_public_key(Peer& peer, const crypto::PublicKey& key, Instant now);
    void begin_handshake_anew(Peer& peer, Instant now);
    void apply_peer(const PeerUpdate& update, Instant now, Actions& actions);
    void apply_settings(Peer& peer, const PeerUpdate& update, Instant now, Actions& actions);
    void apply_allowed_ips(Peer& peer, const PeerUpdate& update);
    void set_persistent_keepalive(Peer& peer, std::uint16_t seconds, Instant now, Actions& actions);
    Peer& add_peer(const crypto::PublicKey& key);
    [[nodiscard]] bool remove_peer(Peer& peer, Actions& actions);
    void agree_static(Peer& peer) const;

    // device_receive.cpp
    void send_cookie(const Arrival& arrival, Event& event);
    void receive_initiation(const Arrival& arrival, Event& event);
    [[nodiscard]] Status accept_initiation(const Arrival& arrival, Event& event);
    [[nodiscard]] std::optional<crypto::Key> static_static_of(
        const Peer& peer, const StaticIdentity& own
    ) const;
    void respond(
        Peer& peer, ResponderHandshake& handshake, const PresharedKey& preshared_key, Event& event
    );
    void receive_response(const Arrival& arrival, Event& event);
    [[nodiscard]] Status accept_response(const Arrival& arrival, Event& event);
    void receive_cookie(const Arrival& arrival, Event& event);
    void note_handshake_received(Peer& peer, const Arrival& arrival, Event& event);

    // device_timers.cpp
    void want_handshake(Peer& peer, Instant now);
    void send_due_initiation(Peer& peer, Event& event);
    void send_initiation(Peer& peer, Event& event);
    void give_up(Peer& peer, Event& event);
    void send_keepalive(Peer& peer, Instant now, Actions& actions);
    void on_wants_handshake(Peer& peer, Event& event);
    void on_active(Peer& peer, Event& event);
    void confirm(Peer& peer, Event& event);
    void check_traffic(Peer& peer, Event& event);
    void check_persistent_keepalive(Peer& peer, Event& event);
    void run_timers(Peer& peer, Event& event);
    void reschedule(Peer& peer) { deadlines_.set(peer, peer.timers.earliest()); }

    // device_sessions.cpp
    [[nodiscard]] Peer* find_peer(PeerId id) const;
    [[nodiscard]] Peer* find_peer(const crypto::PublicKey& key) const;
    void send_message(Peer& peer, MutableBytes message, Event& event);
    [[nodiscard]] std::uint32_t reserve_index(Peer& peer, Actions& actions);
    void drop_pending(Peer& peer);
    struct NewSession {
        const TransportKeys& keys;
        std::uint32_t local_index;
        std::uint32_t remote_index;
        bool initiator;
        bool control_only;
        std::uint64_t preshared_key_label;
    };
    void begin_session(Peer& peer, const NewSession& made, Event& event);
    void complete_handshake(Peer& peer, Event& event);
    void publish_sessions(Peer& peer, SessionSlots::Dropped& dropped, Actions& actions);
    void erase_keys(Peer& peer, Actions& actions);
    void stop_peer(Peer& peer, Actions& actions);
    void set_endpoint(Peer& peer, const wire::Endpoint& endpoint, Actions& actions);
    void forget_source(Peer& peer, Actions& actions);
    void replace_forwarding(Forwarding made, Actions& actions);
    void rebuild_allowed_ips(Actions& actions);
    void rebuild_relays(Actions& actions);

    const DeviceOptions options_;
    Random& random_;
    bool is_up_ = false;
    std::optional<StaticIdentity> identity_;
    std::optional<StaticIdentity> previous_identity_;
    Admission admission_;
    DeviceCounters counters_;

    // By id, so in the order of their creation.
    std::map<PeerId, std::unique_ptr<Peer>> peers_;
    std::map<crypto::PublicKey, Peer*> peers_by_key_;
    PeerId next_peer_id_ = 1;
    DeadlineHeap deadlines_;
    IndexTable indices_;
    AllowedIpOwners allowed_ips_;
    bool allowed_ips_changed_ = false;  // within one apply
    DeviceUpdate::Relaying relaying_;
    bool hops_changed_ = false;  // within one apply
    std::shared_ptr<const Forwarding> forwarding_;
};

}  // namespace phantom::wireguard
