#pragma once

// The mesh as one node runs it, as a state machine without I/O: who is in, gossip of what each says
// of itself, where each may be reached, how far away it is. Input, `now` and Random in; actions out.
//
// Owner and thread: the daemon's control thread. Limits: directory.h, messages.h, below.

#include <array>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "identity/keys.h"
#include "mesh/allowance.h"
#include "mesh/carried_links.h"
#include "mesh/directory.h"
#include "mesh/membership.h"
#include "mesh/neighbours.h"
#include "mesh/paths.h"
#include "mesh/peer_table.h"
#include "mesh/policy_gossip.h"
#include "mesh/renewal.h"
#include "mesh/wants.h"
#include "wire/relay_frame.h"

namespace phantom::mesh {

// A link from which nothing was heard for so long is none.
inline constexpr Duration kLinkTimeout = 16s;
// A link that was made on demand ends so long after the last of the user's packets. Whoever is wanted,
// by a packet or as a relay for it, is called for so long.
inline constexpr Duration kIdleLinkTimeout = 300s;
inline constexpr Duration kWantedFor = 60s;
// Somebody else wants to meet it: it calls back.
inline constexpr Duration kMeetFor = 10s;
inline constexpr Duration kMeetInterval = 10s;
// What is held, to a neighbour: at once, then at doubling distances up to the second figure.
inline constexpr Duration kSummaryFirst = 1s;
inline constexpr Duration kSummaryInterval = 60s;
// A member that is nowhere: all places where it may be are called at once, quickly at first.
inline constexpr Duration kAttemptFirst = 1s;
inline constexpr Duration kAttemptMax = 30s;
inline constexpr std::uint32_t kQuickAttempts = 10;
// Another one's home relays are found by looking at every member, so not with each attempt.
inline constexpr Duration kHomeRelaysFresh = 5s;
// One whose own word has expired: it calls when it is back.
inline constexpr Duration kDormantAttemptMax = 600s;
inline constexpr std::size_t kDormantCalledMax = 16;
inline constexpr std::size_t kCalledMax = 8;
// Ranges with at most so many members are named; of others the hashes are told.
inline constexpr std::size_t kNamedMax = 32;
// Of 16 ranges that differ so many are followed at a time.
inline constexpr std::size_t kDescendMax = 4;
// A new neighbour is told so many revocations unasked; more it finds by the digest.
inline constexpr std::size_t kGreetedRevocationsMax = 8;
// Records that are sent without being asked for; more are offered.
inline constexpr std::size_t kUnaskedRecordsMax = 4;
// Relays through which a member is called, or kept in reach.
inline constexpr std::size_t kRelaysTried = 3;
// Between two looks at the ways that there may be to a member.
inline constexpr Duration kCandidatesInterval = 2s;
// Who says that it sees a member; the newest are kept.
inline constexpr std::size_t kSeenByMax = 8;
// Between two looks at what expires.
inline constexpr Duration kMaintenanceInterval = 60s;
// What other members say they see; the newest are kept.
inline constexpr std::size_t kSeenEndpointsMax = 4;
// A member's word lasts a week and is renewed halfway.
inline constexpr std::uint64_t kDescriptorLifetimeS = 7 * 86'400;

// What a neighbour is sent because it asks, or says that it lacks it: a few hundred records at once, which
// who has just joined gets of each of its neighbours.
inline constexpr std::uint64_t kAnswersBurstBytes = 4ULL << 20U;
inline constexpr std::uint64_t kAnswersBytesPerSecond = 256ULL << 10U;

struct Send {
    crypto::PublicKey to{};
    Message message;
    // Over this way; none: over that which packets take.
    std::optional<wire::SocketAddress> over;
};

// Begin a WireGuard handshake with this member at these endpoints, one initiation for all.
struct Attempt {
    crypto::PublicKey to{};
    std::vector<wire::SocketAddress> endpoints;
};

// The member's packets go this way from now on.
struct Move {
    crypto::PublicKey to{};
    Paths::Take take;
};

// The root's node is asked to certify this member for longer, with the keys of this descriptor;
// Node::grant tells it the answer.
struct Renewal {
    identity::NodeId node;
    identity::Descriptor descriptor;
};

// The member has another WireGuard key, and is this member still.
struct Rekeyed {
    identity::NodeId node;
    crypto::PublicKey before{};
    crypto::PublicKey key{};
};

// The root has given an address to two nodes.
struct AddressConflict {
    wire::Address address;
    identity::NodeId keeps;
    identity::NodeId refused;
};

// A member's word of whom it acts against.
struct Heard {
    identity::NodeId from;
    Reports::Report report;
};

struct Actions {
    std::vector<Rekeyed> rekeyed;  // before all others
    std::vector<identity::NodeId>
        joined;  // new, or changed: give the tunnel its keys; its addresses unless it is dormant
    std::vector<crypto::PublicKey> left;   // expired or revoked: take it from the tunnel
    std::vector<crypto::PublicKey> ended;  // a link that nobody needs any more: let the session go
    bool neighbours_changed = false;
    std::vector<Attempt> attempts;
    std::vector<Move> moves;
    std::vector<Send> sends;
    std::vector<Renewal> renewals;
    bool renewed = false;  // self() has a new certificate
    // Our next keys are certified: store this record, then Node::adopt() it.
    std::optional<identity::MemberRecord> certified;
    bool rotation_due = false;   // our keys are old: Node::rotate()
    bool keys_replaced = false;  // the root has certified keys of ours that we do not have
    bool save = false;           // the directory has changed: store it
    std::vector<AddressConflict> address_conflicts;  // each is said once
    bool policy_changed = false;
    std::vector<Heard> reports;
    bool revoked_ourselves = false;
};

// What is known of the way to one member.
struct Link {
    Instant heard;                   // zero: never
    std::optional<Duration> rtt;     // smoothed
    std::optional<Duration> latest;  // since Node::ping
    wire::SocketAddress endpoint;    // where packets go to directly, now or last
    wire::SocketAddress over;        // where they go now; a relay_endpoint(), perhaps
    double loss = 0;                 // of probes
    wire::SocketAddress observed;  // where it sees us, when it was reached directly; none: not said
};

struct NodeOptions {
    const identity::NodeKeys& keys;  // those of `self`; outlive the Node, or its next rotation
    crypto::VerifyKey root;
    identity::MemberRecord self;
    RecordVerifier& verifier = RecordVerifier::standard();  // outlives the Node
    // To begin with: a copy shares all of it. Null: nobody is known.
    const Directory* known = nullptr;
    bool grants = false;  // this node holds the root: requests become Actions::renewals
};

class Node final {
  public:
    Node(const NodeOptions& options, identity::UnixTime now);

    // At start, before anything else: members kept from the last run. Those that do not verify any
    // more are left out.
    void restore(
        const std::vector<identity::MemberRecord>& members,
        const std::vector<identity::Revocation>& revocations, identity::UnixTime now,
        Actions& actions
    );
    // A member that was admitted here, or the introducer of our own admission.
    Status add(const identity::MemberRecord& member, identity::UnixTime now, Actions& actions);
    Status revoke(const identity::Revocation& revocation, identity::UnixTime now, Actions& actions);
    // The policy kept from the last run, or one that was signed here.
    Status set_policy(const identity::PolicyRecord& policy, Actions& actions);
    // Whom we act against, instead of what was said before; the first kReportsMax. Said at once, and with each
    // Summary again while there is something to say.
    void set_reports(std::vector<Reports::Report> reports, Actions& actions);
    // To a member that asked for it, or to ourselves.
    Status grant(
        const identity::Certificate& certificate, identity::UnixTime wall, Actions& actions
    );
    // Asks for our next keys to be certified, until they are: Actions::certified. They outlive the Node,
    // or its next rotation.
    void rotate(const identity::NodeKeys& next);
    [[nodiscard]] bool is_rotating() const { return next_keys_ != nullptr; }
    // We are this from now on: what Actions::certified said, once it is stored.
    Status adopt(
        const identity::MemberRecord& certified, identity::UnixTime wall, Actions& actions
    );
    // We can be reached here (own addresses); signs a new descriptor when this is news.
    Status set_endpoints(
        std::vector<wire::SocketAddress> endpoints, identity::UnixTime now, Actions& actions
    );

    // Whether we offer something to all; signs a new descriptor when this is news.
    Status set_capability(
        identity::Capability capability, bool offered, identity::UnixTime now, Actions& actions
    );

    // Whether this node holds the root from now on: it says so to all, and answers requests for
    // certificates. Signs a new descriptor when this is news.
    Status set_grants(bool grants, identity::UnixTime now, Actions& actions);

    // The TCP port of our carrier, 0 for none; signs a new descriptor when this is news.
    Status set_carrier_port(std::uint16_t port, identity::UnixTime now, Actions& actions);

    void session_began(const crypto::PublicKey& key, Instant now, Actions& actions);
    // What the tunnel knows of the way to a member; before each tick, of every member with a session.
    void observe(
        const crypto::PublicKey& key, const Paths::Situation& situation, Instant now,
        Actions& actions
    );
    // `key` is the WireGuard key of the peer that said it, `from` the way it came. An error says why
    // the message was dropped.
    Status receive(
        const crypto::PublicKey& key, const wire::SocketAddress& from, ByteView message,
        Instant now, identity::UnixTime wall, Actions& actions
    );
    // The member can be reached here as well, on this machine: through a carrier (wire/carried.h).
    // An empty address takes that back.
    void set_carried(const identity::NodeId& node, const wire::SocketAddress& place, Instant now);
    // A member has said on the local network that it listens here: only a place to try.
    void noticed(wire::HopId member, const wire::SocketAddress& place, Instant now);
    // The user has a packet for a member without a session: it is called at once, or a relay of its own.
    void wanted(const crypto::PublicKey& key, Instant now, Actions& actions);
    // Ask a member for its round trip at once.
    void ping(const identity::NodeId& node, Instant now, Actions& actions);

    [[nodiscard]] Instant deadline() const;
    void tick(Instant now, identity::UnixTime wall, Random& random, Actions& actions);

    // Null: there never was one.
    [[nodiscard]] const identity::PolicyRecord* policy() const { return policy_.policy(); }
    [[nodiscard]] const Directory& directory() const { return directory_; }
    [[nodiscard]] const identity::MemberRecord& self() const { return self_; }
    [[nodiscard]] const identity::NodeId& id() const { return self_.certificate.node; }
    [[nodiscard]] Membership::View state_of(const identity::NodeId& node) const {
        return membership_.view(node);
    }
    [[nodiscard]] std::vector<identity::NodeId> dead() const { return membership_.dead(); }
    // A link with it is kept, whether used or not.
    [[nodiscard]] bool is_neighbour(const identity::NodeId& node) const;
    // There is a link, or one can be made on demand as far as anybody knows.
    [[nodiscard]] bool is_reachable(const identity::NodeId& node, Instant now) const {
        return is_linked(node, now) || (!is_neighbour(node) && !membership_.is_dead(node));
    }
    [[nodiscard]] std::size_t link_count(Instant now) const;
    // With whom a link is wanted, made or not.
    [[nodiscard]] std::vector<identity::NodeId> wanted_links(Instant now) const;
    // Null: no such member, or it is ourselves.
    [[nodiscard]] const Link* link(const identity::NodeId& node) const;
    [[nodiscard]] bool is_linked(const identity::NodeId& node, Instant now) const;
    // By which its packets go and answers come.
    [[nodiscard]] Way way(const identity::NodeId& node, Instant now) const;

  private:
    struct Peer {
        Peer(const identity::NodeId& node, bool leads) : id(node), paths(leads) {}

        const identity::NodeId id;

        Link link;
        Paths paths;
        crypto::PublicKey key{};
        // Newest first: where others see it.
        std::vector<wire::SocketAddress> seen;
        wire::SocketAddress carried;  // see set_carried()
        Instant next_attempt;
        std::uint32_t attempts = 0;
        bool neighbour = false;
        bool watched = false;  // on the ring
        bool was_linked = false;
        bool tends = true;  // its ways are looked after; otherwise the other end does
        Instant wanted_until;
        Instant data_sent;                     // the user's
        std::vector<identity::NodeId> relays;  // its home
        Instant relays_looked_up;
        Instant next_meet;
        // Who said that it sees it directly, newest first: a relay that will do.
        std::vector<identity::NodeId> seen_by;
        Instant next_candidates;
        Instant next_summary;
        Duration summary_interval{};
        PolicyGossip::Neighbour policy;
        Instant next_renewal;  // before that its requests are not looked at
        Allowance answers{kAnswersBurstBytes, kAnswersBytesPerSecond};
    };

    void handle(const Summary& message, Peer& peer, Instant now, Actions& actions);
    void handle(const Digest& message, Peer& peer, Instant now, Actions& actions);
    void answer(Peer& peer, const AnyMessage& message, Instant now, Actions& actions) const;
    void handle(const Meet& message, const Peer& from, Actions& actions) const;
    void handle_membership(
        const AnyMessage& message, const Peer& from, Instant now, identity::UnixTime wall,
        Actions& actions
    );
    void offer_lacking(const Summary& message, Peer& peer, Instant now, Actions& actions) const;
    void tell_holdings(Peer& peer, Actions& actions) const;
    void send_holding(const Holding& holding, Peer& peer, Instant now, Actions& actions) const;
    void ask_again(Instant now, Actions& actions);
    void carry_out(const Membership::Output& out, Actions& actions);
    void handle(const Want& message, Peer& peer, Instant now, Actions& actions);
    void handle(const Seen& message, const Peer& from, Instant now);
    void handle(const Pong& message, const wire::SocketAddress& from, Peer& peer, Instant now);
    Status take_policy(const Policy& message, Peer& from, Actions& actions);
    void try_place(
        const identity::NodeId& node, Peer& peer, const wire::SocketAddress& place, Instant now
    );
    // node_renewal.cpp
    void ask_for_renewal(Instant now, identity::UnixTime wall, Actions& actions);
    void want_introducers(Instant now);
    Status take_renew_request(
        const RenewRequest& request, Peer& from, Instant now, identity::UnixTime wall,
        Actions& actions
    );
    Status take_certificate(
        const identity::Certificate& certificate, identity::UnixTime wall, Actions& actions
    );
    [[nodiscard]] Result<identity::Descriptor> wanted_descriptor(identity::UnixTime wall) const;
    Status take_own_record(
        const identity::MemberRecord& member, identity::UnixTime wall, Actions& actions
    );
    void note_own_place(const wire::SocketAddress& place);
    [[nodiscard]] std::vector<wire::SocketAddress> direct_places(const Peer& peer) const;
    [[nodiscard]] std::vector<const Peer*> perhaps_relays_to(const Peer& peer) const;
    [[nodiscard]] std::vector<wire::SocketAddress> relays_to(
        const identity::NodeId& node, const Peer& peer, Instant now
    ) const;
    void find_candidates(const identity::NodeId& node, Peer& peer, Instant now);
    Status take_record(
        ByteView encoded, const Peer* from, identity::UnixTime wall, Actions& actions
    );
    Status take_revocation(ByteView encoded, identity::UnixTime wall, Actions& actions);
    void tell_all(const AnyMessage& message, const Peer* but, Actions& actions);
    void tell_news(const identity::NodeId& node, const Peer* but, Actions& actions);
    void say(const Peer& peer, const AnyMessage& message, Actions& actions) const;
    void greet(Peer& peer, Instant now, Actions& actions);
    void introduce(Peer& peer, Instant now, Actions& actions);
    void attempt(const identity::NodeId& node, Peer& peer, Instant now, Actions& actions);
    [[nodiscard]] Duration attempt_interval(const Peer& peer) const;
    void call_relays(Peer& peer, Instant now, Actions& actions);
    [[nodiscard]] bool is_home(const identity::NodeId& node) const;
    [[nodiscard]] bool may_be_home(const identity::NodeId& node) const;
    void choose(Actions& actions);
    void tick_membership(Instant now, Random& random, Actions& actions);
    [[nodiscard]] Instant due(const Peer& peer) const;
    void tick_paths(
        const identity::NodeId& node, Peer& peer, Instant now, Random& random, Actions& actions
    );
    void tick_peer(
        const identity::NodeId& node, Peer& peer, Instant now, Random& random, Actions& actions
    );
    Result<bool> take_member(
        const identity::MemberRecord& member, identity::UnixTime wall, Actions& actions
    );
    [[nodiscard]] std::optional<Directory::Ended> rival_of(const identity::MemberRecord& member
    ) const;
    void settle_conflict(
        const identity::MemberRecord& member, const Directory::Ended& rival, bool is_news,
        Actions& actions
    );
    void member_changed(const identity::NodeId& node, Actions& actions);
    void member_left(const identity::NodeId& node, const crypto::PublicKey& key, Actions& actions);
    [[nodiscard]] static Status sign(
        identity::MemberRecord& record, const identity::NodeKeys& keys, identity::UnixTime now
    );
    Status sign_self(identity::Descriptor descriptor, identity::UnixTime now, Actions& actions);
    void renew(identity::UnixTime wall, Actions& actions);
    // Of any member; null: it is none, or ourselves.
    [[nodiscard]] Peer* find_peer(const crypto::PublicKey& key);
    Peer& peer_of(const identity::NodeId& node, const identity::MemberRecord& member);
    [[nodiscard]] bool is_full_mesh() const { return directory_.members().size() <= kFullMeshMax; }
    [[nodiscard]] static bool is_needed(const Peer& peer, Instant now) {
        const bool used = !peer.data_sent.is_never() && now - peer.data_sent < kIdleLinkTimeout;
        return peer.neighbour || used || now < peer.wanted_until;
    }
    [[nodiscard]] static bool linked(const Peer& peer, Instant now) {
        return !peer.link.heard.is_never() && now - peer.link.heard < kLinkTimeout;
    }

    const identity::NodeKeys* keys_;
    const identity::NodeKeys* next_keys_ = nullptr;  // while they are asked for
    identity::MemberRecord self_;
    Directory directory_;
    PolicyGossip policy_;
    Reports reports_;
    // Neighbours, and whoever else we talk with, or want to.
    PeerTable<Peer> peers_;
    // Where others see us, newest first.
    std::vector<wire::SocketAddress> own_places_;
    bool grants_;
    RenewalClock renewal_;
    Instant renewals_paid_until_;
    Instant next_maintenance_;  // zero: at once
    Membership membership_;
    Wants wants_;
    std::vector<identity::NodeId> relays_;  // our home
    bool neighbours_stale_ = true;
    bool relays_stale_ = true;
    std::uint8_t rotation_ = 0;  // which of the ranges that differ come first
};

}  // namespace phantom::mesh
