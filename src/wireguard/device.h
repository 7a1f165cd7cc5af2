#pragma once

// The WireGuard protocol as a state machine without I/O: peers, handshakes, cookies, sessions,
// timers. Input, `now` and Random in; actions out. Transport packets do not pass through here: the
// shards seal and open them with what this publishes (forwarding.h, path.h, session.h).
//
// Owner and thread: the control thread. Limits: constants.h. Source: the WireGuard paper.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "crypto/noise.h"
#include "wire/address.h"
#include "wire/message.h"
#include "wireguard/forwarding.h"
#include "wireguard/path.h"
#include "wireguard/preshared_keys.h"
#include "wireguard/tai64n.h"

namespace phantom::wireguard {

// ---- Configuration as values ------------------------------------------------------------------

struct AllowedIpUpdate {
    wire::Prefix prefix;
    bool remove = false;
};

struct PeerUpdate {
    crypto::PublicKey public_key{};
    bool remove = false;
    bool update_only = false;
    bool replace_allowed_ips = false;
    std::optional<crypto::Key> preshared_key;  // all zero clears
    // Instead of the one above, for a mesh peer: newest first, at most kPresharedKeysMax; empty
    // leaves them as they are.
    std::vector<PresharedKey> preshared_keys;
    std::optional<wire::SocketAddress> endpoint;
    // Where the next initiation goes beside the endpoint: whichever is answered first becomes it.
    std::vector<wire::SocketAddress> also_call;
    std::optional<wire::HopId> hop;  // what relays know it by
    std::optional<std::uint16_t> persistent_keepalive_s;
    std::vector<AllowedIpUpdate> allowed_ips;
    // Begin a handshake at once, whatever session there is and whenever the last attempt was.
    bool handshake_now = false;
    // Initiations up to this one are refused, as if they had been seen: what a host that keeps
    // PeerStatus::timestamp_floor across restarts gives back, so that none can be replayed then.
    std::optional<Tai64n> timestamp_floor;
    // The peer has another static key from now on, and is this peer still: its sessions go on.
    std::optional<crypto::PublicKey> next_public_key;
};

// One `set` operation. Listen port and fwmark belong to the sockets' owner, who applies them first.
struct DeviceUpdate {
    std::optional<crypto::PrivateKey> private_key;  // all zero clears
    // As private_key, but sessions go on, and the key before becomes previous_private_key.
    std::optional<crypto::PrivateKey> next_private_key;
    // Who still calls this one is answered under it; all zero clears. Nobody is called under it.
    std::optional<crypto::PrivateKey> previous_private_key;
    std::optional<std::uint16_t> listen_port;
    std::optional<std::uint32_t> fwmark;
    // What relays know us by, and whether we are one.
    struct Relaying {
        wire::HopId self = 0;
        bool willing = false;
    };
    std::optional<Relaying> relaying;
    bool replace_peers = false;
    std::vector<PeerUpdate> peers;
};

struct PeerStatus {
    crypto::PublicKey public_key{};
    crypto::Key preshared_key;
    std::optional<wire::SocketAddress> endpoint;
    WallTime last_handshake;  // 0: never
    std::uint64_t sent_bytes = 0;
    std::uint64_t received_bytes = 0;
    std::uint16_t persistent_keepalive_s = 0;
    std::vector<wire::Prefix> allowed_ips;
    Tai64n timestamp_floor;  // the greatest of the peer's initiations
};

struct DeviceStatus {
    crypto::PrivateKey private_key;  // all zero: none
    std::vector<PeerStatus> peers;
};

// ---- Actions ----------------------------------------------------------------------------------

struct SendMessage {
    wire::Endpoint to;
    wire::HopId hop = 0;  // the peer's, when `to` is a way over relays; 0: nobody knows whose
    std::array<std::uint8_t, wire::kHandshakeSizeMax> bytes;
    std::size_t size;
};

// A handshake has ended in a session that may be sent on.
struct SessionBegan {
    crypto::PublicKey peer{};
    bool initiator = false;
    bool control_only = false;
    std::uint64_t preshared_key_label = 0;
    crypto::Hash handshake_hash{};  // the same at both ends
};

// What the host of the Device must do, in this order. Forwarding comes first: a peer may answer a
// message at once, on a session that only the new tables hold.
struct Actions {
    bool forwarding_changed = false;   // Device::forwarding() is a new object
    std::vector<SendMessage> sends;    // with kHandshakeTos
    std::vector<PeerId> keepalives;    // seal and send an empty packet on PeerPath::sending
    std::vector<PeerId> flush_staged;  // every shard: send what it staged for this peer
    std::vector<PeerId> drop_staged;   // every shard: forget it
    std::vector<SessionBegan> began;   // for whoever runs a mesh over these sessions
    // The user's packets wait for a session with these; the mesh may know where they are.
    std::vector<crypto::PublicKey> wanted;
    // Free these only after every shard has passed a quiescent point since now.
    std::vector<std::shared_ptr<const void>> retired;

    void clear();
};

// What was dropped and why, for status and metrics.
struct DeviceCounters {
    std::uint64_t handshakes_initiated = 0;
    std::uint64_t handshakes_completed = 0;
    std::uint64_t bad_mac1 = 0;
    std::uint64_t bad_mac2 = 0;  // under load: none, or wrong
    std::uint64_t cookies_sent = 0;
    std::uint64_t rate_limited = 0;
    std::uint64_t bad_handshakes = 0;  // wrong key, tag, timestamp, unknown peer or index
};

struct DeviceOptions {
    std::uint32_t shard_count = 1;
};

class Device final {
  public:
    Device(const DeviceOptions& options, Random& random);
    ~Device();
    Device(const Device&) = delete;
    Device& operator=(const Device&) = delete;

    // Applies all of it or, on an error, nothing.
    [[nodiscard]] Status apply(const DeviceUpdate& update, Instant now, Actions& actions);
    [[nodiscard]] DeviceStatus status() const;
    [[nodiscard]] const DeviceCounters& counters() const;

    // Interface up: peers with a persistent keepalive begin to talk. Down: sessions and handshakes
    // are erased, peers and their settings stay.
    void up(Instant now, Actions& actions);
    void down(Actions& actions);

    // A datagram of type 1-3, its length checked by wire::classify. `queue_depth` is how many wait
    // behind it (paper 5.3: under load from kUnderLoadQueueDepth).
    void receive(
        ByteView datagram, const wire::Endpoint& from, std::size_t queue_depth, Instant now,
        WallTime wall, Actions& actions
    );
    void report(const PathReport& report, Instant now, WallTime wall, Actions& actions);

    // The earliest moment tick() has work; kFarFuture when idle. Shards' reports move it.
    [[nodiscard]] Instant deadline() const;
    void tick(Instant now, WallTime wall, Actions& actions);

    // Valid until replaced; then retired through Actions.
    [[nodiscard]] const Forwarding& forwarding() const;
    // Null: no such peer (any more).
    [[nodiscard]] PeerPath* find_path(PeerId peer) const;
    [[nodiscard]] PeerPath* find_path(const crypto::PublicKey& peer) const;
    // Its static key now; none: no such peer (any more).
    [[nodiscard]] std::optional<crypto::PublicKey> public_key_of(PeerId peer) const;

    // The routing table or a local address changed: forget sticky source addresses.
    void forget_sources(Actions& actions);

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace phantom::wireguard
