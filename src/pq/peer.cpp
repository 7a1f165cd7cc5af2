// The clock side of PqPeer, its keys and its memory. The messages are in peer_messages.cpp.

#include "pq/peer.h"

#include <algorithm>

#include "pq/peer_state.h"

namespace phantom::pq {

void Actions::clear() {
    persist = false;
    keys_changed = false;
    sends.clear();
    events.clear();
}

PqPeer::PqPeer(const PqPeerOptions& options)
    : party_(options.party),
      bootstrap_{.id = kBootstrapId, .key = options.bootstrap, .since = {}},
      next_sequence_(std::max<std::uint64_t>(1, options.sequence_start)) {}

PqPeer::~PqPeer() = default;

// ---- WireGuard ----------------------------------------------------------------------------------

void PqPeer::wireguard_handshake_done(
    const Hash& handshake_hash, Instant now, Random& random, Actions& actions
) {
    if (const auto& latest = sessions_[0]; latest && latest->hash == handshake_hash) {
        return;
    }
    sessions_[1] = sessions_[0];
    sessions_[0] = Session{handshake_hash, session_tag(handshake_hash)};
    // An offer nobody answered may name a session that the peer lost in a crash. No key has changed yet,
    // so nothing is lost by it.
    offer_anew(now, random, actions);
}

void PqPeer::psk_used(const PskId& id, Instant now, Actions& actions) {
    if (id == kBootstrapId) {
        return;
    }
    unanswered_responses_ = 0;
    if (psks_.is_pending(id)) {
        confirm_pending(now, actions);  // the peer responded with it: as good as its confirmation
    } else if (psks_.is_current(id)) {
        psks_.peer_has_current(now);
    }
}

void PqPeer::response_unanswered(Actions& actions) {
    ++unanswered_responses_;
    actions.keys_changed = true;
}

// A peer that lost its state cannot open a response under a key of before. Every second one then
// uses the bootstrap value; the policy keeps user data out of a session that stands on it.
Psk PqPeer::respond_with() const {
    const bool falls_back =
        unanswered_responses_ >= kUnansweredResponsesMax && unanswered_responses_ % 2 == 1;
    return falls_back ? bootstrap_ : current_or_bootstrap();
}

const Psk& PqPeer::current_or_bootstrap() const {
    const auto& current = psks_.current();
    return current ? *current : bootstrap_;
}

Instant PqPeer::confirmed_since() const {
    return current_or_bootstrap().since;
}

void PqPeer::set_own_static(
    const DecapsulationKey& key, Instant now, Random& random, Actions& actions
) {
    party_.own_static = &key;
    offer_anew(now, random, actions);
}

void PqPeer::set_peer_static(
    const KemPublicKey& key, Instant now, Random& random, Actions& actions
) {
    if (party_.peer_static != key) {
        party_.peer_static = key;
        offer_anew(now, random, actions);
    }
}

// An offer that waits for its answer, if there is one. From its answer on both ends have the key of an
// exchange, and static keys have done their work.
void PqPeer::offer_anew(Instant now, Random& random, Actions& actions) {
    if (outgoing_ && outgoing_->phase == Outgoing::Phase::kAwaitAnswer) {
        outgoing_.reset();
        if (!begin(now, random, actions)) {
            actions.events.push_back({EventKind::kUnanswered});
        }
    }
}

// ---- Time ---------------------------------------------------------------------------------------

Status PqPeer::start(Instant now, Random& random, Actions& actions) {
    if (outgoing_ || awaits_confirmation(now)) {
        return fail(PqError::kExchangeInFlight);
    }
    return begin(now, random, actions);
}

Status PqPeer::begin(Instant now, Random& random, Actions& actions) {
    const auto& session = sessions_[0];
    if (!session) {
        return fail(PqError::kNoSession);
    }
    const Psk& salt = current_or_bootstrap();
    auto initiated = PM_TRY(initiate(party_, {session->hash, salt, next_sequence_}, random));
    ++next_sequence_;
    actions.persist = true;
    outgoing_ = std::make_unique<Outgoing>(Outgoing{.initiated = std::move(initiated)});
    transmit(*outgoing_, now, actions);
    return {};
}

Instant PqPeer::renew_at() const {
    if (outgoing_) {
        return kFarFuture;
    }
    const Psk& psk = current_or_bootstrap();
    return psk.is_bootstrap() ? Instant{} : psk.since + kRenewAfterTime;
}

Instant PqPeer::deadline() const {
    Instant at = psks_.deadline();
    if (outgoing_) {
        at = std::min(at, outgoing_->next_at);
    }
    if (incoming_) {
        at = std::min(at, incoming_->answered_at + kAnswerLifetime);
    }
    if (partial_offer_) {
        at = std::min(at, partial_offer_->since + kAnswerLifetime);
    }
    return at;
}

void PqPeer::tick(Instant now, Actions& actions) {
    if (outgoing_ && now >= outgoing_->next_at) {
        if (outgoing_->transmissions < kTransmissionsMax) {
            transmit(*outgoing_, now, actions);
        } else {
            give_up(actions);
        }
    }
    if (incoming_ && now >= incoming_->answered_at + kAnswerLifetime) {
        forget_incoming();
    }
    if (partial_offer_ && now >= partial_offer_->since + kAnswerLifetime) {
        partial_offer_.reset();
    }
    if (psks_.tick(now)) {
        actions.persist = true;
        actions.keys_changed = true;
    }
}

void PqPeer::transmit(Outgoing& outgoing, Instant now, Actions& actions) const {
    const bool offers = outgoing.phase == Outgoing::Phase::kAwaitAnswer;
    const MessageType type = offers ? MessageType::kOffer : MessageType::kConfirm;
    const ByteView message = offers ? ByteView(outgoing.initiated.offer) : outgoing.confirm;
    for (std::size_t index = 0; index < chunk_count(type); ++index) {
        actions.sends.push_back(make_frame(type, index, outgoing.initiated.exchange, message));
    }
    const Duration back_off = kRetransmitFirst * (1U << outgoing.transmissions);
    outgoing.next_at = now + std::min(back_off, kRetransmitMax);
    ++outgoing.transmissions;
}

void PqPeer::give_up(Actions& actions) {
    const bool offered = outgoing_->phase == Outgoing::Phase::kAwaitAnswer;
    actions.events.push_back(
        {offered ? EventKind::kUnanswered : EventKind::kUnacknowledged, outgoing_->psk}
    );
    outgoing_.reset();
}

void PqPeer::forget_incoming() {
    stale_[stale_next_] = incoming_->exchange;
    stale_next_ = (stale_next_ + 1) % kStaleExchangesMax;
    incoming_.reset();
}

bool PqPeer::awaits_confirmation(Instant now) const {
    return incoming_ && !incoming_->is_confirmed && now < incoming_->answered_at + kAnswerLifetime;
}

// ---- Memory -------------------------------------------------------------------------------------

SnapshotRecord PqPeer::snapshot(Instant now) const {
    return encode(
        Snapshot{
            .pending = psks_.pending(),
            .current = psks_.current(),
            .previous = psks_.previous(),
            .seen_post_quantum = seen_post_quantum_,
            .next_sequence = next_sequence_,
            .confirmed_sequence = confirmed_sequence_,
            .pending_sequence = pending_sequence_,
        },
        now
    );
}

Status PqPeer::restore(const SnapshotRecord& record, Instant now) {
    auto snapshot = PM_TRY(decode_snapshot(record, now));
    psks_.restore(snapshot.pending, snapshot.current, snapshot.previous);
    seen_post_quantum_ = snapshot.seen_post_quantum;
    next_sequence_ = std::max(next_sequence_, snapshot.next_sequence);
    confirmed_sequence_ = snapshot.confirmed_sequence;
    pending_sequence_ = snapshot.pending_sequence;
    return {};
}

}  // namespace phantom::pq
