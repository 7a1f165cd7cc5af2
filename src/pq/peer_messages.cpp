// What PqPeer does with a frame, in the order of the exchange: offer, answer, confirm, acknowledge.

#include <algorithm>

#include "pq/peer.h"
#include "pq/peer_state.h"

namespace phantom::pq {

Status PqPeer::receive(ByteView bytes, Instant now, Random& random, Actions& actions) {
    const FrameView frame = PM_TRY(parse_frame(bytes));
    switch (frame.type) {
        case MessageType::kOffer:
            return receive_offer(frame, now, random, actions);
        case MessageType::kAnswer:
            return receive_answer(frame, now, actions);
        case MessageType::kConfirm:
            return receive_confirm(frame, now, actions);
        case MessageType::kAcknowledge:
            break;
    }
    return receive_acknowledge(frame, now, actions);
}

// ---- Offer: to the responder --------------------------------------------------------------------

Status PqPeer::receive_offer(
    const FrameView& frame, Instant now, Random& random, Actions& actions
) {
    if (incoming_ && incoming_->exchange == frame.exchange) {
        return repeat_answer(frame, actions);
    }
    if (std::ranges::find(stale_, frame.exchange) != stale_.end()) {
        return fail(PqError::kStaleExchange);
    }
    if (!partial_offer_ || partial_offer_->offer.exchange() != frame.exchange) {
        partial_offer_ = std::make_unique<PartialOffer>(Reassembly(frame.exchange), now);
    }
    Reassembly& partial = partial_offer_->offer;
    if (!partial.add(frame)) {
        return {};
    }
    if (now < next_offer_at_) {
        return fail(PqError::kTooFrequent);
    }
    next_offer_at_ = now + kOfferIntervalMin;
    const auto opened = open_offer(party_, frame.exchange, partial.message<kOfferSize>());
    if (!opened) {
        partial.forget();
        return std::unexpected(opened.error());
    }
    const Status taken = take_offer(*opened, now, random, actions);
    partial_offer_.reset();
    return taken;
}

// From here on the offer is what its maker wrote; who that is, only its confirmation will tell.
Status PqPeer::take_offer(const Opened& opened, Instant now, Random& random, Actions& actions) {
    const Offer& offer = opened.offer;
    PM_TRY(check_sequence(offer.sequence, now));
    const Session* const session = find_session(offer.session);
    if (session == nullptr) {
        return fail(PqError::kUnknownSession);
    }
    if (outgoing_ && outgoing_->phase == Outgoing::Phase::kAwaitAnswer) {
        if (party_.own_id < party_.peer_id) {
            return fail(PqError::kSimultaneous);
        }
        outgoing_.reset();
    }
    // The peer names a key that only our answer could let it make: as good as its confirmation.
    if (psks_.is_pending(offer.responds_with)) {
        confirm_pending(now, actions);
    } else if (psks_.is_current(offer.responds_with)) {
        psks_.peer_has_current(now);
    }
    const Psk* const held = psks_.find(offer.responds_with);
    const Psk& salt = held != nullptr ? *held : bootstrap_;
    const PskId responds_with = current_or_bootstrap().id;
    auto made = PM_TRY(answer_offer(party_, opened, {session->hash, salt, responds_with}, random));
    if (incoming_) {
        forget_incoming();
    }
    const DerivedKeys& keys = made.keys;
    incoming_ = std::make_unique<Incoming>(Incoming{
        .exchange = opened.exchange,
        .answer = made.answer,
        .confirm = keys.confirm_initiator,
        .acknowledge = keys.acknowledge,
        .psk = keys.psk.id,
        .answered_at = now,
    });
    Psk pending = keys.psk;
    pending.since = now;
    psks_.add_pending(std::move(pending));
    pending_sequence_ = offer.sequence;
    actions.persist = true;
    actions.keys_changed = true;
    for (std::size_t index = 0; index < chunk_count(MessageType::kAnswer); ++index) {
        actions.sends.push_back(
            make_frame(MessageType::kAnswer, index, opened.exchange, incoming_->answer)
        );
    }
    return {};
}

// An offer that was delayed past a later one must not take that one's pending key away. Until the
// later one is confirmed its number counts only as long as such a delay is possible: a forger who
// offers the greatest number shuts nobody out for good.
Status PqPeer::check_sequence(std::uint64_t sequence, Instant now) const {
    const auto& pending = psks_.pending();
    const bool pending_counts = pending && now < pending->since + kFrameAgeMax;
    const std::uint64_t floor =
        pending_counts ? std::max(confirmed_sequence_, pending_sequence_) : confirmed_sequence_;
    if (sequence <= floor) {
        return fail(PqError::kStaleSequence);
    }
    return {};
}

// The offer came again, so our answer may be lost. One chunk of the two asks for it.
Status PqPeer::repeat_answer(const FrameView& frame, Actions& actions) {
    if (frame.chunk_index != 0 || incoming_->is_confirmed) {
        return {};
    }
    if (incoming_->repeats == kAnswerRepeatsMax) {
        return fail(PqError::kTooManyRepeats);
    }
    ++incoming_->repeats;
    for (std::size_t index = 0; index < chunk_count(MessageType::kAnswer); ++index) {
        actions.sends.push_back(
            make_frame(MessageType::kAnswer, index, incoming_->exchange, incoming_->answer)
        );
    }
    return {};
}

// ---- Answer: to the initiator -------------------------------------------------------------------

Status PqPeer::receive_answer(const FrameView& frame, Instant now, Actions& actions) {
    if (!outgoing_ || outgoing_->initiated.exchange != frame.exchange) {
        return fail(PqError::kUnknownExchange);
    }
    if (outgoing_->phase != Outgoing::Phase::kAwaitAnswer) {
        return {};  // a repetition; our confirmation is on its way by the clock
    }
    if (!outgoing_->answer.add(frame)) {
        return {};
    }
    const auto concluded = conclude(
        party_, outgoing_->initiated, outgoing_->answer.message<kAnswerSize>(), bootstrap_.key
    );
    if (!concluded) {
        outgoing_->answer.forget();
        return std::unexpected(concluded.error());
    }
    if (psks_.is_pending(concluded->peer_responds_with)) {
        confirmed_sequence_ = std::max(confirmed_sequence_, pending_sequence_);
    }
    psks_.accept(concluded->keys.psk, concluded->peer_responds_with, now);
    if (awaits_confirmation(now)) {
        forget_incoming();  // the peer answered us instead of confirming that
    }
    if (!concluded->salt_was_known) {
        actions.events.push_back({EventKind::kRatchetReset, concluded->keys.psk.id});
    }
    confirmed(concluded->keys.psk.id, actions);
    outgoing_->confirm = concluded->keys.confirm_initiator;
    outgoing_->acknowledge = concluded->keys.acknowledge;
    outgoing_->psk = concluded->keys.psk.id;
    outgoing_->phase = Outgoing::Phase::kAwaitAcknowledge;
    outgoing_->transmissions = 0;
    transmit(*outgoing_, now, actions);
    return {};
}

// ---- Confirm: to the responder ------------------------------------------------------------------

Status PqPeer::receive_confirm(const FrameView& frame, Instant now, Actions& actions) {
    if (!incoming_ || incoming_->exchange != frame.exchange) {
        return fail(PqError::kUnknownExchange);
    }
    if (!crypto::equal_constant_time(frame.chunk, incoming_->confirm)) {
        return fail(PqError::kNotAuthentic);
    }
    incoming_->is_confirmed = true;
    if (psks_.is_pending(incoming_->psk)) {
        confirm_pending(now, actions);
    }
    actions.sends.push_back(
        make_frame(MessageType::kAcknowledge, 0, incoming_->exchange, incoming_->acknowledge)
    );
    return {};
}

// ---- Acknowledge: to the initiator --------------------------------------------------------------

Status PqPeer::receive_acknowledge(const FrameView& frame, Instant now, Actions& /*actions*/) {
    if (!outgoing_ || outgoing_->initiated.exchange != frame.exchange ||
        outgoing_->phase != Outgoing::Phase::kAwaitAcknowledge) {
        return fail(PqError::kUnknownExchange);
    }
    if (!crypto::equal_constant_time(frame.chunk, outgoing_->acknowledge)) {
        return fail(PqError::kNotAuthentic);
    }
    if (psks_.is_current(outgoing_->psk)) {
        psks_.peer_has_current(now);
    }
    outgoing_.reset();
    return {};
}

// ---- Both ---------------------------------------------------------------------------------------

const PqPeer::Session* PqPeer::find_session(const SessionTag& tag) const {
    for (const auto& session : sessions_) {
        if (session && session->tag == tag) {
            return &*session;
        }
    }
    return nullptr;
}

void PqPeer::confirm_pending(Instant now, Actions& actions) {
    psks_.confirm_pending(now);
    confirmed_sequence_ = std::max(confirmed_sequence_, pending_sequence_);
    confirmed(current_or_bootstrap().id, actions);
}

void PqPeer::confirmed(const PskId& psk, Actions& actions) {
    seen_post_quantum_ = true;
    unanswered_responses_ = 0;
    actions.persist = true;
    actions.keys_changed = true;
    actions.events.push_back({EventKind::kConfirmed, psk});
}

}  // namespace phantom::pq
