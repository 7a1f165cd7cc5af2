#pragma once

// PqPeer: the post-quantum key exchange with one remote node, as a state machine without I/O, and the
// keys it feeds to WireGuard as pre-shared keys. Facade of the component; control thread only.
//
// Frames travel inside the WireGuard session with the peer: sealed, but lost, repeated and reordered
// as the network likes. Source: README.md, which is the protocol's text.
//
//     peer.wireguard_handshake_done(hash, now, random, actions);
//     peer.start(now, random, actions);                    // then every kRenewAfterTime
//     if (actions.persist) { store(peer.snapshot(now)); }  // before anything else is done
//     for (const Frame& frame : actions.sends) { ... }     // to the peer
//     peer.candidates();    // WireGuard initiator: keys to try a response with, then the bootstrap's
//     peer.respond_with();  // WireGuard responder: the key to respond with
//
// Limits: one exchange begun here and one begun there at a time, and one offer being put together:
// at most three fixed-size allocations, which none but the peer's frames cause.

#include <memory>
#include <vector>

#include "pq/constants.h"
#include "pq/exchange.h"
#include "pq/psk_set.h"
#include "pq/snapshot.h"

namespace phantom::pq {

enum class EventKind : std::uint8_t {
    kConfirmed,     // a fresh key is shared, and both sides have proved it
    kRatchetReset,  // ...and it stands on the bootstrap value, though we held a key: state was lost
    kUnanswered,    // our exchange came to nothing
    kUnacknowledged,  // the key stands, but the peer never said that it is done with the old one
};

struct Event {
    EventKind kind;
    PskId psk{};
};

// What the owner does, in this order; then it gives WireGuard the keys if they changed.
struct Actions {
    bool persist = false;       // store snapshot() before anything below, or a crash may lose a key
    bool keys_changed = false;  // candidates() or respond_with() are not what they were
    std::vector<Frame> sends;
    std::vector<Event> events;

    void clear();
};

struct PqPeerOptions {
    Party party;
    // Both sides' pre-shared key before the first exchange, and after one side lost its state. It is
    // no secret that the exchange stands on, but should be random where it can be (policy `require`).
    Key bootstrap;
    // Greater at each start of a node without a snapshot: the wall clock will do.
    std::uint64_t sequence_start = 1;
};

class PqPeer final {
  public:
    explicit PqPeer(const PqPeerOptions& options);
    ~PqPeer();
    PqPeer(const PqPeer&) = delete;
    PqPeer& operator=(const PqPeer&) = delete;

    // A WireGuard handshake with the peer is complete: as initiator with the response, as responder
    // with the first packet under the session. What we offer next is bound to it.
    void wireguard_handshake_done(
        const Hash& handshake_hash, Instant now, Random& random, Actions& actions
    );
    // The session that handshake made uses this pre-shared key. Both sides say so, before they send
    // anything under the session.
    void psk_used(const PskId& id, Instant now, Actions& actions);
    // A response of ours was not taken up: the peer initiates again.
    void response_unanswered(Actions& actions);

    // One of the two has other static keys from now on; the keys agreed stand. An offer of ours that was
    // made with those of before is made anew. `key` outlives the PqPeer, or the next change.
    void set_own_static(const DecapsulationKey& key, Instant now, Random& random, Actions& actions);
    void set_peer_static(const KemPublicKey& key, Instant now, Random& random, Actions& actions);

    // Begins an exchange. kExchangeInFlight and kNoSession are no reason to worry.
    Status start(Instant now, Random& random, Actions& actions);
    // When start() is due; kFarFuture while an exchange is in flight.
    [[nodiscard]] Instant renew_at() const;

    // An error says why the frame was dropped; it needs no reaction.
    Status receive(ByteView bytes, Instant now, Random& random, Actions& actions);

    [[nodiscard]] Instant deadline() const;
    void tick(Instant now, Actions& actions);

    [[nodiscard]] Candidates candidates() const { return psks_.candidates(); }
    // With the zero id: the bootstrap value.
    [[nodiscard]] Psk respond_with() const;
    // Never (zero) before the first exchange.
    [[nodiscard]] Instant confirmed_since() const;
    // Pin for the policy: this peer has confirmed an exchange at some time.
    [[nodiscard]] bool seen_post_quantum() const { return seen_post_quantum_; }

    [[nodiscard]] SnapshotRecord snapshot(Instant now) const;
    // Before anything else.
    Status restore(const SnapshotRecord& record, Instant now);

  private:
    struct Outgoing;
    struct Incoming;
    struct PartialOffer;
    struct Session {
        Hash hash;
        SessionTag tag;
    };

    Status receive_offer(const FrameView& frame, Instant now, Random& random, Actions& actions);
    Status take_offer(const Opened& opened, Instant now, Random& random, Actions& actions);
    Status repeat_answer(const FrameView& frame, Actions& actions);
    Status receive_answer(const FrameView& frame, Instant now, Actions& actions);
    Status receive_confirm(const FrameView& frame, Instant now, Actions& actions);
    Status receive_acknowledge(const FrameView& frame, Instant now, Actions& actions);

    Status begin(Instant now, Random& random, Actions& actions);
    void transmit(Outgoing& outgoing, Instant now, Actions& actions) const;
    void give_up(Actions& actions);
    void offer_anew(Instant now, Random& random, Actions& actions);
    void forget_incoming();

    [[nodiscard]] Status check_sequence(std::uint64_t sequence, Instant now) const;
    [[nodiscard]] const Session* find_session(const SessionTag& tag) const;
    [[nodiscard]] bool awaits_confirmation(Instant now) const;
    void confirm_pending(Instant now, Actions& actions);
    void confirmed(const PskId& psk, Actions& actions);
    // What we respond with, unless responses fail: the current key, else the bootstrap value.
    [[nodiscard]] const Psk& current_or_bootstrap() const;

    Party party_;
    Psk bootstrap_;
    PskSet psks_;
    bool seen_post_quantum_ = false;
    std::uint32_t unanswered_responses_ = 0;
    std::uint64_t next_sequence_;
    std::uint64_t confirmed_sequence_ = 0;
    std::uint64_t pending_sequence_ = 0;
    Instant next_offer_at_;

    // The latest session and the one before, which the peer may still name.
    std::array<std::optional<Session>, 2> sessions_;
    std::unique_ptr<Outgoing> outgoing_;
    std::unique_ptr<Incoming> incoming_;
    std::unique_ptr<PartialOffer> partial_offer_;
    std::array<ExchangeId, kStaleExchangesMax> stale_{};
    std::size_t stale_next_ = 0;
};

}  // namespace phantom::pq
