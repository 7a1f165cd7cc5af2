#pragma once

// A mesh node at work: mesh::Node (who is there), a pq::PqPeer for each member (the keys), and the
// Tunnel (the packets), joined. No decision of a protocol is made here, only carried from one to the
// other. Thread: control.
//
// A member's way in: the mesh learns of it -> the tunnel gets a peer with a bootstrap key and no
// user traffic -> a WireGuard session for control -> the post-quantum exchange inside it -> a second
// handshake with the agreed key -> the user's packets.

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "daemon/mesh_state.h"
#include "daemon/write_gate.h"
#include "dataplane/tunnel.h"
#include "mesh/fragments.h"
#include "mesh/node.h"
#include "policy/questions.h"
#include "pq/peer.h"

namespace phantom::daemon {

// Behind address translation the way in stays open.
inline constexpr std::uint16_t kKeepaliveS = 25;
// The other side of an exchange begins the handshake with the agreed key; if not by then, we do.
inline constexpr Duration kRekeyPatience = std::chrono::milliseconds(400);
inline constexpr Duration kEndpointsInterval = std::chrono::seconds(10);
// After the kernel said that something changed: more of it may follow.
inline constexpr Duration kEndpointsDelay = std::chrono::milliseconds(50);
// Between two looks at what has no deadline of its own.
inline constexpr Duration kTickInterval = std::chrono::milliseconds(200);

// How long `phantom root unseal` holds the root, unless it says so; at most.
inline constexpr std::uint32_t kUnsealDefaultS = 3'600;
inline constexpr std::uint32_t kUnsealMaxS = 7 * 86'400;

// What `phantom token` calls it: 8 digits of the secret's hash.
[[nodiscard]] std::string token_id(const identity::IssuedToken& token);

class MeshNode final : public dataplane::TunnelListener {
  public:
    MeshNode(MeshState state, dataplane::Tunnel& tunnel, Random& random);
    ~MeshNode() override;

    // Gives the tunnel its key, port, peers and guests.
    [[nodiscard]] Status start();
    void tick();
    // Own endpoints are looked at with the next tick.
    void look_at_endpoints() { next_endpoints_ = {}; }
    [[nodiscard]] Instant deadline() const;

    // A router makes this a way to us; none: not any more.
    void set_mapped_endpoint(const std::optional<wire::SocketAddress>& endpoint);
    // Heard on the local network.
    void notice(wire::HopId member, const wire::SocketAddress& place) {
        mesh_.noticed(member, place, monotonic_now());
    }
    // How often the kernel has said that routes or addresses changed.
    [[nodiscard]] std::uint64_t network_changes() const { return network_changes_; }

    void on_network_change() override;
    void on_wanted(const crypto::PublicKey& peer) override;
    void on_session(const wireguard::SessionBegan& began) override;
    void on_control(
        const crypto::PublicKey& peer, const wire::SocketAddress& from, wire::ControlKind kind,
        ByteView payload
    ) override;

    // What the control socket asks for.
    struct Invitation {
        std::uint8_t uses = 1;
        std::uint32_t lifetime_s = 86'400;
        std::vector<identity::Label> tags;  // of whoever joins with it
    };
    [[nodiscard]] OrSentence<identity::JoinToken> create_token(Invitation invitation);
    // By the beginning of its id, as token.list says it. What is wrong, if anything.
    [[nodiscard]] std::optional<std::string> revoke_token(const std::string& id);
    [[nodiscard]] std::optional<std::string> revoke(const std::string& name);

    // The root's key, mesh_holder.cpp. In words: what is wrong, if anything.
    struct Unsealing {
        std::uint32_t for_s = kUnsealDefaultS;
        bool keep = false;  // in the state directory, for good
    };
    [[nodiscard]] OrSentence<std::vector<identity::RootShare>> split_root(
        std::uint8_t threshold, std::uint8_t count
    );
    [[nodiscard]] std::optional<std::string> unseal_root(
        std::span<const std::string_view> shares, const Unsealing& unsealing
    );
    // A key that is kept here is erased only where the shares restore it, or with `force`.
    [[nodiscard]] std::optional<std::string> seal_root(
        std::span<const std::string_view> shares, bool force
    );
    // Members that say that they hold it: their names.
    [[nodiscard]] std::vector<std::string> holders() const;

    // Whether this node carries datagrams between others.
    [[nodiscard]] Status set_relay(bool willing);

    // Says to all at which TCP port they may call; 0 is none.
    [[nodiscard]] Status set_carrier_port(std::uint16_t port);
    // The member is reached here as well, through a carrier; an empty address takes that back.
    void set_carried(const identity::NodeId& node, const wire::SocketAddress& place) {
        mesh_.set_carried(node, place, monotonic_now());
    }

    // Says to all whether this node offers something.
    [[nodiscard]] Status offer(identity::Capability capability, bool offered);
    [[nodiscard]] std::vector<wire::Prefix> routes_by(const crypto::PublicKey& member) const {
        const auto at = routes_.find(member);
        return at == routes_.end() ? std::vector<wire::Prefix>{} : at->second;
    }
    // What members may be the source of, and get, beside their own addresses; replaces what was.
    void give_routes(std::map<crypto::PublicKey, std::vector<wire::Prefix>> routes);

    // Why a policy was not taken, and where in its text.
    struct PolicyRefusal {
        std::string text;
        std::optional<policy::Position> at;
    };
    template <class T>
    using OrRefusal = std::expected<T, PolicyRefusal>;
    // Reads it, runs its tests against the members there are. Nothing is changed.
    [[nodiscard]] OrRefusal<policy::Document> check_policy(std::string_view text) const;
    // The same, then signs and keeps it, and tells everybody; the new sequence. Empty: no policy.
    [[nodiscard]] OrRefusal<std::uint64_t> set_policy(std::string_view text);
    // Null: there is none, and everybody reaches everybody.
    [[nodiscard]] const policy::CompiledPolicy* policy() const { return policy_.get(); }
    // Who is a member, as policies see it.
    [[nodiscard]] std::vector<policy::Member> policy_members() const;

    // Whom this node acts against: members are told.
    void set_reports(std::vector<mesh::Reports::Report> reports);
    // What members have said of that since the last call, in order; more than kHeardMax are dropped.
    static constexpr std::size_t kHeardMax = 1'024;
    [[nodiscard]] std::vector<mesh::Heard> take_reports() { return std::exchange(heard_, {}); }

    // What this node holds against a member, mesh_restrictions.cpp. Control frames pass, and others hear
    // nothing of it.
    struct Restriction {
        std::uint64_t bytes_per_s = wireguard::kUnlimited;  // of its packets; 0: none, either way
        bool is_barred = false;     // no session with it, and no answer to it
        bool is_suspended = false;  // and its certificate is not renewed here
        friend bool operator==(const Restriction&, const Restriction&) = default;
    };
    // Replaces what was held against it.
    void restrict(const identity::NodeId& node, const Restriction& wanted);
    // Whether the tunnel is as restrict() would have it.
    [[nodiscard]] bool obeys(const identity::NodeId& node) const;
    // Agrees keys anew with a member, and begins a session with them. False: there is none.
    [[nodiscard]] bool rekey(const identity::NodeId& node);

    // Changes all keys of this node, as soon as the root's node can be asked. What is wrong, if anything.
    [[nodiscard]] std::optional<std::string> rotate();
    enum class RotationView : std::uint8_t { kDone, kAsking, kWaiting };
    // Waiting: for the node that holds the root.
    [[nodiscard]] RotationView rotation() const;

    // Asks for a round trip; the answer is in link() soon.
    [[nodiscard]] bool ping(const std::string& name);

    // What `phantom status` shows of a member.
    struct PeerView {
        const identity::MemberRecord* record;
        const mesh::Link* link;
        bool linked;
        bool neighbour;  // a link with it is kept
        mesh::Membership::View state;
        bool post_quantum;
        std::optional<identity::UnixTime> post_quantum_since;
        bool keys_kept;                       // over a restart of ours, until the next are agreed
        std::uint32_t control_only_sessions;  // since the start
        std::uint64_t sent_bytes;
        std::uint64_t received_bytes;
    };
    [[nodiscard]] std::vector<PeerView> peers() const;
    // Since the start, for /metrics.
    enum class SessionKind : std::uint8_t { kPostQuantum, kControlOnly, kClassic };
    static constexpr std::size_t kSessionKinds = 3;
    struct Counters {
        // By kind, then as initiator and as responder.
        std::array<std::array<std::uint64_t, 2>, kSessionKinds> sessions{};
        std::array<std::uint64_t, 4> exchanges{};  // by pq::EventKind
        std::uint64_t pq_frames_dropped = 0;
        std::uint64_t messages_dropped = 0;
        std::uint64_t moves = 0;
        std::uint64_t failovers = 0;
    };
    [[nodiscard]] const Counters& counters() const { return counters_; }
    [[nodiscard]] const MeshState& state() const { return state_; }
    [[nodiscard]] const mesh::Node& mesh() const { return mesh_; }
    [[nodiscard]] identity::StateDirectory& files() { return state_.store.files(); }
    // Every member that is there has agreed its keys, and one is there, if there are any.
    [[nodiscard]] bool ready() const;
    // Every neighbour is there and has agreed its keys.
    [[nodiscard]] bool complete() const;
    [[nodiscard]] bool revoked() const { return revoked_; }

  private:
    struct Remote {
        identity::NodeId node;
        mesh::Assembler assembler;
        std::unique_ptr<pq::PqPeer> pq;
        crypto::Key bootstrap;
        bool has_session = false;
        bool rekey_wanted = false;  // a session with the keys that are agreed next
        bool held_open = false;     // the way to it is held open
        bool control_only = true;
        std::optional<identity::UnixTime> post_quantum_since;
        Instant rekey_at = kFarFuture;
        std::uint32_t control_only_sessions = 0;
        // The keys are those of the last run, and nothing new has been agreed yet.
        bool kept = false;
        std::uint32_t calls_with_kept = 0;
    };
    struct Guest {
        mesh::Assembler assembler;
    };

    void carry_out(const mesh::Actions& actions);
    void hear(const std::vector<mesh::Heard>& reports);
    static void say_conflicts(const std::vector<mesh::AddressConflict>& conflicts);
    void carry_out(const crypto::PublicKey& key, Remote& remote, const pq::Actions& actions);
    void add_member(const identity::NodeId& node);
    void add_prefixes(const identity::MemberRecord& member, wireguard::PeerUpdate& peer) const;
    void remove_member(const crypto::PublicKey& key);
    void give_keys(const crypto::PublicKey& key, const Remote& remote, bool handshake);
    [[nodiscard]] static std::vector<wireguard::PresharedKey> keys_of(const Remote& remote);
    [[nodiscard]] static bool doubts_keys(const Remote& remote);
    void on_pq_frame(const crypto::PublicKey& key, Remote& remote, ByteView frame);
    void send(const mesh::Send& message);
    void call(const mesh::Attempt& attempt);
    void move(const mesh::Move& move);
    void observe(Instant now, mesh::Actions& actions);
    void hold_open_neighbours();
    void tell_relaying();
    // With this record of ours instead of the one in use, where given. False: it could not be written.
    bool save_members(const identity::MemberRecord* own = nullptr);

    // mesh_restrictions.cpp
    [[nodiscard]] const Restriction& restriction_of(const identity::NodeId& node) const;
    void bar(const crypto::PublicKey& key, bool forget_agreed_keys);
    void call_again(const identity::MemberRecord& member);

    // mesh_keys.cpp
    void recall_keys(Remote& remote, wireguard::PeerUpdate& peer);
    void forget_keys(const identity::NodeId& node);
    void save_keys_when_due(Instant now);
    void save_keys(Instant now);

    // mesh_rotation.cpp
    void take_next_keys(const identity::MemberRecord& certified);
    void say_keys_are_replaced();
    void rekey_member(const mesh::Rekeyed& change);
    void forget_previous_key_when_due();

    void take_policy();
    void compile_policy();

    // mesh_holder.cpp
    void tell_holding();
    void let_go_of_root(const char* why);
    void end_hold_when_over(Instant now);
    void remember_split(const identity::RootSplit& split);
    [[nodiscard]] std::string sentence_without_root(std::string_view what) const;

    // mesh_root.cpp: what the holder of the root remembers of what it signed.
    void recall_issued();
    void recall_issued_when_stale();
    void renew(const mesh::Renewal& renewal);
    [[nodiscard]] Status note_issued(const identity::Certificate& certificate);

    // Guests: holders of a token that are no members yet.
    void admit_guests();
    void on_guest_message(const crypto::PublicKey& guest, ByteView payload);
    [[nodiscard]] mesh::AnyMessage answer_guest(
        const crypto::PublicKey& guest, const mesh::JoinRequest& request
    );
    [[nodiscard]] identity::IssuedToken* token_of(const crypto::PublicKey& guest);
    [[nodiscard]] bool are_first_keys(const identity::Descriptor& descriptor) const;
    [[nodiscard]] bool key_is_taken(const crypto::PublicKey& key, const identity::NodeId& node)
        const;
    [[nodiscard]] bool name_is_taken(const identity::Label& name, const identity::NodeId& node)
        const;
    [[nodiscard]] Status grant(
        const identity::Descriptor& descriptor, const identity::IssuedToken& token,
        identity::UnixTime now
    );
    void follow_endpoints(Instant now);

    MeshState state_;
    dataplane::Tunnel& tunnel_;
    Random& random_;
    mesh::Node mesh_;
    pq::MlKem kem_;
    std::unique_ptr<pq::DecapsulationKey> own_kem_;
    std::map<crypto::PublicKey, Remote> remotes_;
    std::map<crypto::PublicKey, Guest> guests_;
    // Granted, and not yet heard from as members: their addresses are taken.
    std::map<identity::NodeId, identity::Certificate> granted_;
    Instant next_endpoints_;
    std::optional<wire::SocketAddress> mapped_;
    std::uint64_t network_changes_ = 0;
    bool revoked_ = false;
    bool replaced_ = false;  // there are later keys of ours
    std::shared_ptr<const policy::CompiledPolicy> policy_;
    std::map<crypto::PublicKey, std::vector<wire::Prefix>> routes_;
    std::map<identity::NodeId, Restriction> restrictions_;
    // Of the last run, of members that have not been heard of yet.
    identity::PeerMemories memories_;
    WriteGate keys_gate_;
    bool issued_stale_ = false;  // members came and went; others may hold the root, too
    std::vector<mesh::Heard> heard_;
    Counters counters_;
    bool policy_stale_ = false;  // the members have changed since it was compiled
};

}  // namespace phantom::daemon
