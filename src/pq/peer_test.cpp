// The rules of the exchange one at a time; what they come to in any order is simulation_test.cpp's.

#include "pq/peer_fixture.h"

namespace phantom::pq::test {
namespace {

TEST_F(PqPeerTest, before_the_first_exchange_there_is_the_bootstrap_value_alone) {
    EXPECT_EQ(a_.candidate_count(), 0U);
    EXPECT_TRUE(a_.peer->respond_with().is_bootstrap());
    EXPECT_EQ(a_.peer->respond_with().key.view()[0], 0xb0);
    EXPECT_FALSE(a_.peer->seen_post_quantum());
    EXPECT_TRUE(a_.peer->confirmed_since().is_never());
    EXPECT_EQ(a_.peer->renew_at(), Instant{});
}

TEST_F(PqPeerTest, an_exchange_gives_both_the_same_fresh_key) {
    exchange(a_, b_);
    EXPECT_TRUE(a_.peer->seen_post_quantum());
    EXPECT_TRUE(b_.peer->seen_post_quantum());
    EXPECT_EQ(a_.count(EventKind::kConfirmed), 1U);
    EXPECT_EQ(b_.count(EventKind::kConfirmed), 1U);
    EXPECT_EQ(a_.count(EventKind::kRatchetReset), 0U);
    EXPECT_EQ(a_.peer->confirmed_since(), now_);
    EXPECT_EQ(a_.peer->renew_at(), now_ + kRenewAfterTime);
    const PskId first = a_.current();
    exchange(b_, a_);
    EXPECT_NE(a_.current(), first);
}

TEST_F(PqPeerTest, no_frame_is_longer_than_its_bound) {
    ASSERT_TRUE(start(a_).has_value());
    EXPECT_EQ(a_.actions.sends.size(), 2U);
    for (const Frame& frame : a_.actions.sends) {
        EXPECT_LE(frame.size, kFrameSizeMax);
    }
}

TEST_F(
    PqPeerTest, responder_tries_the_new_key_from_its_answer_on_and_responds_with_it_once_confirmed
) {
    ASSERT_TRUE(start(a_).has_value());
    ASSERT_TRUE(deliver(a_.sent(), b_).has_value());
    EXPECT_EQ(b_.candidate_count(), 1U);
    EXPECT_TRUE(b_.peer->respond_with().is_bootstrap());
    ASSERT_TRUE(deliver(b_.sent(), a_).has_value());
    EXPECT_FALSE(a_.peer->respond_with().is_bootstrap());
    expect_hitless();
    ASSERT_TRUE(deliver(a_.sent(), b_).has_value());
    expect_agreement();
}

TEST_F(PqPeerTest, the_old_key_goes_some_time_after_the_acknowledgement) {
    exchange(a_, b_);
    exchange(a_, b_);
    EXPECT_EQ(a_.candidate_count(), 2U);
    EXPECT_EQ(b_.candidate_count(), 2U);
    wait(kRetiredKeyGrace - 1ms);
    EXPECT_EQ(a_.candidate_count(), 2U);
    wait(1ms);
    EXPECT_EQ(a_.candidate_count(), 1U);
    EXPECT_EQ(b_.candidate_count(), 1U);
}

TEST_F(PqPeerTest, the_old_key_stays_without_an_acknowledgement_until_the_new_one_is_used) {
    exchange(a_, b_);
    wait(1min);
    ASSERT_TRUE(start(a_).has_value());
    ASSERT_TRUE(deliver(a_.sent(), b_).has_value());
    ASSERT_TRUE(deliver(b_.sent(), a_).has_value());
    wait(5min);
    EXPECT_EQ(a_.candidate_count(), 2U);
    a_.peer->psk_used(a_.current(), now_, a_.actions);
    wait(kRetiredKeyGrace);
    EXPECT_EQ(a_.candidate_count(), 1U);
}

TEST_F(PqPeerTest, a_handshake_that_used_the_pending_key_confirms_it) {
    ASSERT_TRUE(start(a_).has_value());
    ASSERT_TRUE(deliver(a_.sent(), b_).has_value());
    ASSERT_TRUE(deliver(b_.sent(), a_).has_value());
    b_.peer->psk_used(a_.current(), now_, b_.actions);
    expect_agreement();
    EXPECT_EQ(b_.count(EventKind::kConfirmed), 1U);
}

TEST_F(PqPeerTest, an_offer_that_names_the_pending_key_confirms_it) {
    ASSERT_TRUE(start(a_).has_value());
    ASSERT_TRUE(deliver(a_.sent(), b_).has_value());
    ASSERT_TRUE(deliver(b_.sent(), a_).has_value());
    const PskId first = a_.current();
    wait(kAnswerLifetime);
    while (a_.peer->deadline() != kFarFuture) {
        wait(a_.peer->deadline() - now_);
    }
    EXPECT_EQ(a_.count(EventKind::kUnacknowledged), 1U);
    a_.sent();
    ASSERT_TRUE(start(a_).has_value());
    ASSERT_TRUE(deliver(a_.sent(), b_).has_value());
    EXPECT_EQ(b_.current(), first);
    expect_hitless();
}

TEST_F(PqPeerTest, what_is_lost_is_sent_again_less_and_less_often_and_then_given_up) {
    ASSERT_TRUE(start(a_).has_value());
    std::vector<Duration> pauses;
    std::size_t frames = a_.sent().size();
    while (a_.peer->deadline() != kFarFuture) {
        pauses.push_back(a_.peer->deadline() - now_);
        wait(pauses.back());
        frames += a_.sent().size();
    }
    EXPECT_EQ(pauses, (std::vector<Duration>{500ms, 1s, 2s, 4s, 4s, 4s, 4s, 4s}));
    EXPECT_EQ(frames, 2U * kTransmissionsMax);
    EXPECT_EQ(a_.count(EventKind::kUnanswered), 1U);
    EXPECT_TRUE(start(a_).has_value());
}

TEST_F(PqPeerTest, a_lost_answer_is_repeated_when_the_offer_comes_again) {
    ASSERT_TRUE(start(a_).has_value());
    ASSERT_TRUE(deliver(a_.sent(), b_).has_value());
    const auto lost = b_.sent();
    wait(kRetransmitFirst);
    ASSERT_TRUE(deliver(a_.sent(), b_).has_value());
    const auto again = b_.sent();
    ASSERT_EQ(again.size(), 2U);
    EXPECT_TRUE(std::ranges::equal(lost[0].view(), again[0].view()));
    EXPECT_TRUE(deliver(again, a_).has_value());
}

TEST_F(PqPeerTest, an_answer_is_repeated_a_bounded_number_of_times) {
    ASSERT_TRUE(start(a_).has_value());
    const auto offer = a_.sent();
    ASSERT_TRUE(deliver(offer, b_).has_value());
    for (std::uint32_t count = 0; count < kAnswerRepeatsMax; ++count) {
        ASSERT_TRUE(deliver({offer[0]}, b_).has_value());
    }
    expect_error(deliver({offer[0]}, b_), PqError::kTooManyRepeats);
}

TEST_F(PqPeerTest, chunks_may_come_in_any_order_and_twice) {
    ASSERT_TRUE(start(a_).has_value());
    const auto offer = a_.sent();
    ASSERT_TRUE(deliver({offer[1], offer[1], offer[0]}, b_).has_value());
    const auto answer = b_.sent();
    ASSERT_EQ(answer.size(), 2U);
    ASSERT_TRUE(deliver({answer[1], answer[0], answer[0]}, a_).has_value());
    EXPECT_EQ(a_.count(EventKind::kConfirmed), 1U);
}

TEST_F(PqPeerTest, any_changed_byte_is_refused_and_the_genuine_message_still_taken) {
    ASSERT_TRUE(start(a_).has_value());
    const auto offer = a_.sent();
    for (std::size_t at = kFrameHeaderSize; at < offer[0].size; at += 61) {
        wait(kOfferIntervalMin / 2);
        now_ = now_ + kOfferIntervalMin;
        Frame bad = offer[0];
        bad.bytes[at] ^= 0x20;
        expect_error(deliver({bad, offer[1]}, b_), PqError::kNotAuthentic);
    }
    EXPECT_EQ(b_.candidate_count(), 0U);
    now_ = now_ + kOfferIntervalMin;
    ASSERT_TRUE(deliver(offer, b_).has_value());
    const auto answer = b_.sent();
    for (std::size_t at = kFrameHeaderSize + 16; at < answer[0].size; at += 61) {
        Frame bad = answer[0];
        bad.bytes[at] ^= 0x20;
        expect_error(deliver({bad, answer[1]}, a_), PqError::kNotAuthentic);
    }
    Frame other_salt = answer[0];
    other_salt.bytes[kFrameHeaderSize + 8] ^= 1;
    expect_error(deliver({other_salt, answer[1]}, a_), PqError::kBadSalt);
    EXPECT_EQ(a_.candidate_count(), 0U);
    EXPECT_TRUE(deliver(answer, a_).has_value());
    const auto confirm = a_.sent();
    Frame bad = confirm.back();
    bad.bytes[kFrameHeaderSize] ^= 1;
    expect_error(deliver({bad}, b_), PqError::kNotAuthentic);
    EXPECT_TRUE(deliver({confirm.back()}, b_).has_value());
    expect_agreement();
}

TEST_F(PqPeerTest, offers_too_close_together_are_not_opened) {
    ASSERT_TRUE(start(a_).has_value());
    const auto offer = a_.sent();
    Frame bad = offer[0];
    bad.bytes[500] ^= 1;
    expect_error(deliver({bad, offer[1]}, b_), PqError::kNotAuthentic);
    expect_error(deliver(offer, b_), PqError::kTooFrequent);
    now_ = now_ + kOfferIntervalMin;
    EXPECT_TRUE(deliver({offer[1]}, b_).has_value());
    EXPECT_EQ(b_.sent().size(), 2U);
}

TEST_F(PqPeerTest, an_offer_is_never_taken_twice) {
    ASSERT_TRUE(start(a_).has_value());
    const auto first = a_.sent();
    ASSERT_TRUE(deliver(first, b_).has_value());
    ASSERT_TRUE(deliver(b_.sent(), a_).has_value());
    ASSERT_TRUE(deliver(a_.sent(), b_).has_value());
    ASSERT_TRUE(deliver(b_.sent(), a_).has_value());
    exchange(a_, b_);
    wait(1s);
    expect_error(deliver(first, b_), PqError::kStaleExchange);
    for (std::size_t count = 0; count <= kStaleExchangesMax; ++count) {
        exchange(a_, b_);
    }
    wait(1s);
    const PskId current = b_.current();
    expect_error(deliver(first, b_), PqError::kStaleSequence);
    EXPECT_EQ(b_.current(), current);
    EXPECT_TRUE(b_.sent().empty());
}

TEST_F(PqPeerTest, when_both_begin_at_once_the_smaller_id_has_its_way) {
    ASSERT_TRUE(start(a_).has_value());
    ASSERT_TRUE(start(b_).has_value());
    const auto from_a = a_.sent();
    expect_error(deliver(b_.sent(), a_), PqError::kSimultaneous);
    ASSERT_TRUE(deliver(from_a, b_).has_value());
    ASSERT_TRUE(deliver(b_.sent(), a_).has_value());
    ASSERT_TRUE(deliver(a_.sent(), b_).has_value());
    ASSERT_TRUE(deliver(b_.sent(), a_).has_value());
    expect_agreement();
}

TEST_F(PqPeerTest, one_exchange_at_a_time) {
    ASSERT_TRUE(start(a_).has_value());
    expect_error(start(a_), PqError::kExchangeInFlight);
    ASSERT_TRUE(deliver(a_.sent(), b_).has_value());
    expect_error(start(b_), PqError::kExchangeInFlight);
    wait(kAnswerLifetime);
    EXPECT_TRUE(start(b_).has_value());
}

TEST_F(PqPeerTest, nothing_is_offered_without_a_session_nor_taken_for_an_unknown_one) {
    End fresh(options_of(node_b_, node_a_, real_kem()));
    expect_error(start(fresh), PqError::kNoSession);
    ASSERT_TRUE(start(a_).has_value());
    expect_error(deliver(a_.sent(), fresh), PqError::kUnknownSession);
    EXPECT_EQ(fresh.candidate_count(), 0U);
}

TEST_F(PqPeerTest, the_session_before_the_latest_is_still_known) {
    ASSERT_TRUE(start(a_).has_value());
    b_.peer->wireguard_handshake_done(session_hash(2), now_, random_, b_.actions);
    EXPECT_TRUE(deliver(a_.sent(), b_).has_value());
    EXPECT_EQ(b_.candidate_count(), 1U);
}

TEST_F(PqPeerTest, an_unanswered_offer_is_made_anew_for_a_new_session) {
    ASSERT_TRUE(start(a_).has_value());
    const auto first = a_.sent();
    a_.peer->wireguard_handshake_done(session_hash(2), now_, random_, a_.actions);
    const auto second = a_.sent();
    ASSERT_EQ(second.size(), 2U);
    EXPECT_FALSE(std::ranges::equal(first[0].view(), second[0].view()));
}

TEST_F(PqPeerTest, sides_bound_to_different_sessions_do_not_agree) {
    ASSERT_TRUE(start(a_).has_value());
    const auto offer = a_.sent();
    // The same tag by chance or by malice cannot be had; another peer's node id can.
    const Node other(real_kem(), 9, random_);
    End stranger(options_of(node_b_, other, real_kem()));
    stranger.peer->wireguard_handshake_done(session_hash(1), now_, random_, stranger.actions);
    expect_error(deliver(offer, stranger), PqError::kNotAuthentic);
}

TEST_F(PqPeerTest, a_responder_without_the_static_key_cannot_answer) {
    const Node impostor(real_kem(), 2, random_);
    End mallory(options_of(impostor, node_a_, real_kem()));
    mallory.peer->wireguard_handshake_done(session_hash(1), now_, random_, mallory.actions);
    ASSERT_TRUE(start(a_).has_value());
    expect_error(deliver(a_.sent(), mallory), PqError::kNotAuthentic);
}

TEST_F(PqPeerTest, an_initiator_without_the_static_key_cannot_confirm) {
    exchange(a_, b_);
    const Node impostor(real_kem(), 1, random_);
    // It knows both public descriptors, so it can make an offer that opens.
    PqPeerOptions options = options_of(impostor, node_b_, real_kem());
    class Stolen final : public DecapsulationKey {
      public:
        Stolen(const DecapsulationKey& shown, const DecapsulationKey& used)
            : shown_(shown), used_(used) {}
        [[nodiscard]] const KemPublicKey& public_key() const override {
            return shown_.public_key();
        }
        [[nodiscard]] Result<Key> decapsulate(ByteView ciphertext) const override {
            return used_.decapsulate(ciphertext);
        }

      private:
        const DecapsulationKey& shown_;
        const DecapsulationKey& used_;
    };
    const Stolen stolen(*node_a_.static_key, *impostor.static_key);
    options.party.own_static = &stolen;
    options.sequence_start = UINT64_MAX;
    End mallory(options);
    mallory.peer->wireguard_handshake_done(session_hash(1), now_, random_, mallory.actions);
    const PskId before = b_.current();
    wait(1s);
    ASSERT_TRUE(start(mallory).has_value());
    ASSERT_TRUE(deliver(mallory.sent(), b_).has_value());
    expect_error(deliver(b_.sent(), mallory), PqError::kNotAuthentic);
    EXPECT_EQ(b_.current(), before);
    // Its sequence number shuts the real peer out only as long as a frame may be on its way.
    wait(kOfferIntervalMin);
    ASSERT_TRUE(start(a_).has_value());
    expect_error(deliver(a_.sent(), b_), PqError::kStaleSequence);
    while (a_.peer->deadline() != kFarFuture) {
        wait(a_.peer->deadline() - now_);
    }
    a_.sent();
    wait(kFrameAgeMax);
    exchange(a_, b_);
}

TEST_F(PqPeerTest, a_side_that_lost_its_state_makes_both_build_on_the_bootstrap_value) {
    exchange(a_, b_);
    b_ = End(options_of(node_b_, node_a_, real_kem()));
    handshake(2);
    exchange(a_, b_);
    EXPECT_EQ(a_.count(EventKind::kRatchetReset), 1U);
    a_ = End(options_of(node_a_, node_b_, real_kem()));
    a_.peer->wireguard_handshake_done(session_hash(2), now_, random_, a_.actions);
    wait(kRenewAfterTime);
    exchange(b_, a_);
    EXPECT_EQ(b_.count(EventKind::kRatchetReset), 1U);
}

TEST_F(PqPeerTest, responses_that_nobody_takes_up_fall_back_to_the_bootstrap_value_by_turns) {
    exchange(a_, b_);
    const PskId current = b_.current();
    for (std::uint32_t count = 1; count < kUnansweredResponsesMax; ++count) {
        b_.peer->response_unanswered(b_.actions);
        EXPECT_EQ(b_.current(), current);
    }
    b_.peer->response_unanswered(b_.actions);
    EXPECT_EQ(b_.current(), kBootstrapId);
    b_.peer->response_unanswered(b_.actions);
    EXPECT_EQ(b_.current(), current);
    b_.peer->response_unanswered(b_.actions);
    EXPECT_EQ(b_.current(), kBootstrapId);
    b_.peer->psk_used(current, now_, b_.actions);
    EXPECT_EQ(b_.current(), current);
}

TEST_F(PqPeerTest, a_restored_side_goes_on_where_it_stood) {
    exchange(a_, b_);
    wait(30s);
    const Psk before = b_.peer->respond_with();
    const SnapshotRecord record = b_.peer->snapshot(now_);
    b_ = End(options_of(node_b_, node_a_, real_kem()));
    now_ = Instant{5'000'000'000'000};
    ASSERT_TRUE(b_.peer->restore(record, now_).has_value());
    EXPECT_TRUE(same_key(b_.peer->respond_with(), before));
    EXPECT_TRUE(b_.peer->seen_post_quantum());
    EXPECT_EQ(b_.peer->confirmed_since(), now_ - 30s);
    handshake(2);
    exchange(b_, a_);
    EXPECT_EQ(b_.count(EventKind::kRatchetReset), 0U);
}

TEST_F(PqPeerTest, a_restored_responder_still_holds_the_key_of_its_answer) {
    ASSERT_TRUE(start(a_).has_value());
    ASSERT_TRUE(deliver(a_.sent(), b_).has_value());
    EXPECT_TRUE(b_.actions.persist);
    const SnapshotRecord record = b_.peer->snapshot(now_);
    const auto answer = b_.sent();
    b_ = End(options_of(node_b_, node_a_, real_kem()));
    ASSERT_TRUE(b_.peer->restore(record, now_).has_value());
    ASSERT_TRUE(deliver(answer, a_).has_value());
    expect_hitless();
    expect_error(deliver(a_.sent(), b_), PqError::kUnknownExchange);
    b_.peer->psk_used(a_.current(), now_, b_.actions);
    expect_agreement();
}

TEST_F(PqPeerTest, static_keys_change_and_what_was_agreed_stands) {
    exchange(a_, b_);
    const PskId agreed = a_.current();
    const Node next(real_kem(), 1, random_);
    a_.peer->set_own_static(*next.static_key, now_, random_, a_.actions);
    EXPECT_EQ(a_.current(), agreed);
    wait(1s);
    ASSERT_TRUE(start(b_).has_value()) << "b has not heard of it";
    expect_error(deliver(b_.sent(), a_), PqError::kNotAuthentic);
    wait(1s);
    ASSERT_TRUE(start(a_).has_value());
    expect_error(deliver(a_.sent(), b_), PqError::kNotAuthentic);
    expect_hitless();
    EXPECT_EQ(a_.current(), agreed);

    b_.actions.sends.clear();
    b_.peer->set_peer_static(next.static_key->public_key(), now_, random_, b_.actions);
    EXPECT_EQ(b_.actions.sends.size(), 2U) << "its offer, to the next key";
    b_.actions.sends.clear();
    wait(1s);
    EXPECT_TRUE(deliver(a_.sent(), b_).has_value()) << "said again, and now understood";
    EXPECT_TRUE(deliver(b_.sent(), a_).has_value());
    EXPECT_TRUE(deliver(a_.sent(), b_).has_value());
    EXPECT_TRUE(deliver(b_.sent(), a_).has_value());
    expect_agreement();
    EXPECT_NE(a_.current(), agreed);
}

TEST_F(PqPeerTest, offer_to_static_keys_of_before_is_made_anew_at_once) {
    exchange(a_, b_);
    const Node next(real_kem(), 2, random_);
    b_.peer->set_own_static(*next.static_key, now_, random_, b_.actions);
    EXPECT_TRUE(b_.actions.sends.empty()) << "nothing was under way";
    wait(1s);
    ASSERT_TRUE(start(a_).has_value());
    expect_error(deliver(a_.sent(), b_), PqError::kNotAuthentic);
    a_.peer->set_peer_static(next.static_key->public_key(), now_, random_, a_.actions);
    EXPECT_EQ(a_.sent().size(), 2U);
    wait(1s);
    EXPECT_TRUE(deliver(a_.sent(), b_).has_value());
    EXPECT_TRUE(deliver(b_.sent(), a_).has_value());
    EXPECT_TRUE(deliver(a_.sent(), b_).has_value());
    expect_agreement();
}

TEST_F(PqPeerTest, exchange_that_is_answered_outlives_a_change_of_static_keys) {
    ASSERT_TRUE(start(a_).has_value());
    ASSERT_TRUE(deliver(a_.sent(), b_).has_value());
    ASSERT_TRUE(deliver(b_.sent(), a_).has_value());
    const Node next_a(real_kem(), 1, random_);
    const Node next_b(real_kem(), 2, random_);
    a_.peer->set_own_static(*next_a.static_key, now_, random_, a_.actions);
    a_.peer->set_peer_static(next_b.static_key->public_key(), now_, random_, a_.actions);
    b_.peer->set_own_static(*next_b.static_key, now_, random_, b_.actions);
    b_.peer->set_peer_static(next_a.static_key->public_key(), now_, random_, b_.actions);
    ASSERT_TRUE(deliver(a_.sent(), b_).has_value());
    ASSERT_TRUE(deliver(b_.sent(), a_).has_value());
    expect_agreement();
    exchange(b_, a_);
}

TEST_F(PqPeerTest, a_record_that_is_not_a_snapshot_is_refused_and_changes_nothing) {
    exchange(a_, b_);
    const Psk before = a_.peer->respond_with();
    SnapshotRecord record = a_.peer->snapshot(now_);
    record.bytes()[0] = 9;
    expect_error(a_.peer->restore(record, now_), PqError::kBadSnapshot);
    record.bytes()[0] = 1;
    record.bytes()[1] = 0x1f;
    expect_error(a_.peer->restore(record, now_), PqError::kBadSnapshot);
    expect_error(a_.peer->restore(SnapshotRecord(), now_), PqError::kBadSnapshot);
    EXPECT_TRUE(same_key(a_.peer->respond_with(), before));
}

}  // namespace
}  // namespace phantom::pq::test
