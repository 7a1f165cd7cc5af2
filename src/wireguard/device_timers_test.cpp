// What the Device does as time passes (paper 6).

#include "wireguard/device_fixture.h"

namespace phantom::wireguard::test {

class DeviceTimersTest : public DeviceTest {
  protected:
    // How many messages of `type` the host says within the next `by`, none of which is heard.
    std::size_t said_unheard(Host& host, wire::MessageType type, Duration by) {
        const std::size_t before = count(host, type);
        pass_unheard(by, 10ms);
        return count(host, type) - before;
    }
};

// ---- Rekey ----

// Checklist: rekey after time 120 s, initiator only, on send.
TEST_F(DeviceTimersTest, initiator_renews_the_session_after_120_s_without_losing_a_packet) {
    establish();
    const std::size_t before_a = a.received.size();
    const std::size_t before_b = b.received.size();
    for (int second = 0; second < 300; ++second) {
        a.send_to(b);
        b.send_to(a);
        exchange();
        pass(1s);
    }
    EXPECT_EQ(b.received.size(), before_b + 300U);
    EXPECT_EQ(a.received.size(), before_a + 300U);
    EXPECT_EQ(a.device.counters().handshakes_completed, 3U);
    EXPECT_EQ(a.rejected + b.rejected, 0U);
}

TEST_F(DeviceTimersTest, session_in_no_use_is_not_renewed) {
    establish();
    pass(170s);
    EXPECT_EQ(a.device.counters().handshakes_initiated, 1U);
    EXPECT_EQ(b.device.counters().handshakes_initiated, 0U);
}

TEST_F(DeviceTimersTest, responder_leaves_the_renewal_to_the_initiator) {
    establish();
    for (int second = 0; second < 500; ++second) {
        b.send_to(a);  // first, so that it has the first chance to want one
        a.send_to(b);
        exchange();
        pass(1s);
    }
    EXPECT_GE(a.device.counters().handshakes_initiated, 4U);
    EXPECT_EQ(b.device.counters().handshakes_initiated, 0U);
}

// Checklist: receive-side re-handshake once at 165 s, initiator.
TEST_F(DeviceTimersTest, initiator_that_only_receives_renews_once_at_165_s) {
    establish();
    clock.advance(164s);
    b.send_to(a);
    exchange();
    EXPECT_EQ(a.device.counters().handshakes_initiated, 1U);
    clock.advance(2s);
    b.send_to(a);
    b.send_to(a);
    for (int packet = 0; packet < 2; ++packet) {
        a.receive(take(b, kTransport));
    }
    EXPECT_EQ(a.device.counters().handshakes_initiated, 2U) << "once, not for every packet";
    exchange();
    EXPECT_EQ(a.device.counters().handshakes_completed, 2U);
}

// Checklist: reject after time 180 s.
TEST_F(DeviceTimersTest, session_is_refused_by_both_ends_after_180_s) {
    establish();
    a.send_to(b);
    const Datagram late = take(a, kTransport);
    clock.advance(180s);
    b.receive(late);
    EXPECT_EQ(b.rejected, 1U);
    a.send_to(b);
    EXPECT_EQ(count(a, kTransport), 0U);
    EXPECT_EQ(count(a, kInitiation), 1U);
    EXPECT_EQ(a.staged_count(), 1U);
}

// Checklist: reject after messages.
TEST_F(DeviceTimersTest, exhausted_counter_makes_a_new_session) {
    establish();
    sending(a, b)->set_send_counter_for_test(kRejectAfterMessages);
    clock.advance(6s);
    const std::size_t before = b.received.size();
    a.send_to(b);
    EXPECT_EQ(count(a, kTransport), 0U);
    exchange();
    EXPECT_EQ(b.received.size(), before + 1);
    EXPECT_EQ(a.device.counters().handshakes_completed, 2U);
}

// ---- Attempts ----

// Checklist: rekey timeout 5 s + 0-333 ms jitter.
TEST_F(DeviceTimersTest, unanswered_initiation_is_repeated_after_5_s_and_jitter) {
    a.send_to(b);
    std::set<std::int64_t> gaps_ms;
    for (int tries = 0; tries < 10; ++tries) {
        const Instant sent_at = clock.now;
        const std::size_t before = count(a, kInitiation);
        while (count(a, kInitiation) == before) {
            pass_unheard(1ms, 1ms);
        }
        const std::int64_t gap_ms = (clock.now - sent_at).count() / 1'000'000;
        EXPECT_GE(gap_ms, 5'000);
        EXPECT_LE(gap_ms, 5'334);
        gaps_ms.insert(gap_ms);
    }
    EXPECT_GT(gaps_ms.size(), 5U) << "the jitter must vary";
}

// Checklist: rekey attempt time 90 s (18 tries).
TEST_F(DeviceTimersTest, attempt_is_given_up_after_90_s_and_drops_what_waited) {
    a.send_to(b);
    a.send_to(b);
    pass_unheard(89s, 10ms);
    EXPECT_EQ(a.staged_count(), 2U);
    const std::size_t tries = count(a, kInitiation);
    EXPECT_GE(tries, 17U);
    EXPECT_LE(tries, 18U);
    pass_unheard(7s, 10ms);
    EXPECT_EQ(a.staged_count(), 0U);
    EXPECT_EQ(a.staged_dropped, 2U);
    EXPECT_EQ(said_unheard(a, kInitiation, 600s), 0U);
    EXPECT_EQ(a.device.deadline(), kFarFuture);
}

TEST_F(DeviceTimersTest, next_packet_begins_a_new_attempt) {
    a.send_to(b);
    pass_unheard(100s);
    a.sent.clear();
    a.send_to(b);
    exchange();
    EXPECT_EQ(b.received.size(), 1U);
}

TEST_F(DeviceTimersTest, more_packets_make_no_more_initiations) {
    for (int packet = 0; packet < 200; ++packet) {
        a.send_to(b);
    }
    EXPECT_EQ(count(a, kInitiation), 1U);
    exchange();
    // Checklist: 128 staged packets per peer.
    EXPECT_EQ(b.received.size(), kStagedPacketsMax);
    EXPECT_EQ(a.staged_overflow, 200U - kStagedPacketsMax);
}

TEST_F(DeviceTimersTest, initiation_keeps_5_s_from_the_response_before) {
    a.send_to(b);
    b.receive(take(a, kInitiation));
    b.sent.clear();  // the response is lost
    b.send_to(a);
    EXPECT_EQ(count(b, kInitiation), 0U);
    EXPECT_EQ(said_unheard(b, kInitiation, 4990ms), 0U);
    EXPECT_EQ(said_unheard(b, kInitiation, 400ms), 1U);
}

TEST_F(DeviceTimersTest, attempt_waits_for_an_endpoint_and_uses_it_at_once) {
    Host c(clock, 3, 3);
    c.up();
    c.add_peer(a);
    PeerUpdate peer = Host::peer_update(c);
    peer.endpoint.reset();
    a.apply_peer(peer);
    a.send_to(c);
    pass_unheard(12s);
    EXPECT_TRUE(a.sent.empty());
    peer.endpoint = c.address;
    a.apply_peer(peer);
    a.tick();
    EXPECT_EQ(count(a, kInitiation), 1U);
}

// ---- Keepalives ----

// Checklist: keepalive timeout 10 s, timed from receipt.
TEST_F(DeviceTimersTest, received_data_is_answered_by_a_keepalive_after_10_s) {
    establish();
    pass(30s);
    const std::uint64_t before = b.keepalives_sent;
    a.send_to(b);
    exchange();
    pass(9900ms);
    EXPECT_EQ(b.keepalives_sent, before);
    pass(200ms);
    EXPECT_EQ(b.keepalives_sent, before + 1);
}

TEST_F(DeviceTimersTest, received_data_answered_by_data_needs_no_keepalive) {
    establish();
    pass(30s);
    const std::uint64_t before = b.keepalives_sent;
    a.send_to(b);
    exchange();
    pass(5s);
    b.send_to(a);
    exchange();
    pass(100s);
    EXPECT_EQ(b.keepalives_sent, before);
}

TEST_F(DeviceTimersTest, another_keepalive_follows_when_more_data_came_meanwhile) {
    establish();
    pass(30s);
    const std::uint64_t before = b.keepalives_sent;
    a.send_to(b);
    exchange();
    pass(5s);
    a.send_to(b);
    exchange();
    pass(5100ms);
    EXPECT_EQ(b.keepalives_sent, before + 1);
    pass(10s);
    EXPECT_EQ(b.keepalives_sent, before + 2);
    pass(60s);
    EXPECT_EQ(b.keepalives_sent, before + 2);
}

// Checklist: never answer a keepalive with a keepalive.
TEST_F(DeviceTimersTest, keepalive_is_never_answered_with_a_keepalive) {
    establish();
    pass(30s);
    a.send_to(b);
    exchange();
    pass(11s);  // b's keepalive
    const std::uint64_t keepalives = a.keepalives_sent + b.keepalives_sent;
    pass(120s);
    EXPECT_EQ(a.keepalives_sent + b.keepalives_sent, keepalives);
    EXPECT_EQ(a.device.counters().handshakes_initiated, 1U);
}

// Checklist: the persistent keepalive is sent only when idle.
TEST_F(DeviceTimersTest, persistent_keepalive_is_sent_only_when_idle_in_both_directions) {
    establish();
    change_peer(a, b, [](PeerUpdate& peer) { peer.persistent_keepalive_s = 5; });
    exchange();
    std::uint64_t before = a.keepalives_sent;
    for (int second = 0; second < 40; ++second) {
        second % 2 == 0 ? a.send_to(b) : b.send_to(a);
        exchange();
        pass(1s);
    }
    EXPECT_EQ(a.keepalives_sent, before);
    before = a.keepalives_sent;
    pass(50s);
    EXPECT_GE(a.keepalives_sent, before + 8);
    EXPECT_LE(a.keepalives_sent, before + 10);
}

TEST_F(DeviceTimersTest, persistent_keepalive_keeps_a_tunnel_alive_for_ever) {
    change_peer(a, b, [](PeerUpdate& peer) { peer.persistent_keepalive_s = 25; });
    pass(3600s);
    EXPECT_GE(a.device.counters().handshakes_completed, 3600U / 180U);
    const std::size_t before = a.received.size();
    b.send_to(a);
    exchange();
    EXPECT_EQ(a.received.size(), before + 1);
}

TEST_F(DeviceTimersTest, persistent_keepalive_goes_on_trying_a_peer_that_is_away) {
    change_peer(a, b, [](PeerUpdate& peer) { peer.persistent_keepalive_s = 25; });
    pass_unheard(1000s);
    a.sent.clear();
    pass(120s);
    EXPECT_NE(sending(a, b), nullptr);
}

TEST_F(DeviceTimersTest, persistent_keepalive_from_off_to_on_sends_one_at_once) {
    establish();
    const std::uint64_t before = a.keepalives_sent;
    change_peer(a, b, [](PeerUpdate& peer) { peer.persistent_keepalive_s = 25; });
    EXPECT_EQ(a.keepalives_sent, before + 1);
    change_peer(a, b, [](PeerUpdate& peer) { peer.persistent_keepalive_s = 20; });
    EXPECT_EQ(a.keepalives_sent, before + 1) << "it was on already";
}

TEST_F(DeviceTimersTest, persistent_keepalive_turned_on_without_a_session_makes_one) {
    change_peer(a, b, [](PeerUpdate& peer) { peer.persistent_keepalive_s = 25; });
    a.tick();
    EXPECT_EQ(count(a, kInitiation), 1U);
}

TEST_F(DeviceTimersTest, persistent_keepalive_begins_when_the_interface_comes_up) {
    Host c(clock, 3, 3);
    c.add_peer(a);
    change_peer(c, a, [](PeerUpdate& peer) { peer.persistent_keepalive_s = 25; });
    c.tick();
    EXPECT_TRUE(c.sent.empty());
    c.up();
    EXPECT_EQ(count(c, kInitiation), 1U);
}

// ---- Silence ----

// Checklist: silence re-handshake 10 + 5 s + jitter after data was sent without answer.
TEST_F(DeviceTimersTest, unanswered_data_makes_a_new_handshake_after_15_s_and_jitter) {
    establish();
    pass(30s);
    a.send_to(b);
    a.sent.clear();
    EXPECT_EQ(said_unheard(a, kInitiation, 14990ms), 0U);
    EXPECT_EQ(said_unheard(a, kInitiation, 360ms), 1U);
}

TEST_F(DeviceTimersTest, answered_data_makes_no_new_handshake) {
    establish();
    pass(30s);
    a.send_to(b);
    exchange();
    pass(60s);  // b's keepalive answers at 10 s
    EXPECT_EQ(a.device.counters().handshakes_initiated, 1U);
}

TEST_F(DeviceTimersTest, peer_that_restarted_is_found_again_by_silence) {
    establish();
    Host restarted(clock, 2, 2);
    restarted.add_peer(a);
    restarted.up();
    a.send_to(b);
    test::exchange({&a, &restarted});
    EXPECT_EQ(restarted.rejected, 1U);
    for (int step = 0; step < 200; ++step) {
        clock.advance(100ms);
        a.tick();
        restarted.tick();
        test::exchange({&a, &restarted});
    }
    a.send_to(b);
    test::exchange({&a, &restarted});
    EXPECT_EQ(restarted.received.size(), 1U);
}

// ---- Erasure and idleness ----

// Checklist: zero all keys at 540 s.
TEST_F(DeviceTimersTest, keys_are_erased_540_s_after_the_last_session_was_made) {
    establish();
    const std::uint32_t index = sending(a, b)->local_index();
    pass(539s, 1s);
    EXPECT_NE(sending(a, b), nullptr);
    EXPECT_NE(a.device.forwarding().sessions->find(index), nullptr);
    pass(2s, 1s);
    EXPECT_EQ(sending(a, b), nullptr);
    EXPECT_EQ(a.device.forwarding().sessions->find(index), nullptr);
    EXPECT_EQ(sending(b, a), nullptr);
}

TEST_F(DeviceTimersTest, unconfirmed_session_is_erased_too) {
    a.send_to(b);
    b.receive(take(a, kInitiation));
    const auto index = load_le<std::uint32_t>(take(b, kResponse).bytes.data() + 4);
    EXPECT_NE(b.device.forwarding().sessions->find(index), nullptr);
    pass_unheard(541s, 1s);
    EXPECT_EQ(b.device.forwarding().sessions->find(index), nullptr);
}

TEST_F(DeviceTimersTest, idle_peers_have_no_timer) {
    Host c(clock, 3, 3);
    DeviceUpdate update;
    update.private_key = crypto::PrivateKey{};  // so that adding them is quick
    for (std::uint32_t number = 0; number < 10'000; ++number) {
        PeerUpdate& peer = update.peers.emplace_back();
        store_le(peer.public_key.data(), number + 2);
        peer.endpoint = a.address;
    }
    c.apply(update);
    c.up();
    EXPECT_EQ(c.device.status().peers.size(), 10'000U);
    EXPECT_EQ(c.device.deadline(), kFarFuture);
}

TEST_F(DeviceTimersTest, peer_whose_tunnel_fell_silent_has_only_the_erasure_left) {
    establish();
    pass(60s);
    EXPECT_GT(a.device.deadline(), clock.now + 400s);
    pass(500s, 1s);
    EXPECT_EQ(a.device.deadline(), kFarFuture);
}

TEST_F(DeviceTimersTest, one_tick_makes_a_bounded_number_of_initiations) {
    Host server(clock, 4, 4);
    std::vector<std::unique_ptr<Host>> others;
    DeviceUpdate update;
    for (unsigned number = 0; number < 100; ++number) {
        PeerUpdate& peer = update.peers.emplace_back();
        server.random.fill(peer.public_key);
        peer.endpoint = a.address;
        peer.persistent_keepalive_s = 25;
    }
    server.apply(update);
    Actions actions;
    server.device.up(clock.now, actions);
    server.device.tick(clock.now, clock.wall, actions);
    EXPECT_EQ(actions.sends.size(), kInitiationsPerTickMax);
    EXPECT_LE(server.device.deadline(), clock.now) << "and asks to be called again";
    server.device.tick(clock.now, clock.wall, actions);
    EXPECT_EQ(actions.sends.size(), 100U);
}

// ---- Reports ----

TEST_F(DeviceTimersTest, stale_wish_for_a_handshake_is_answered_by_a_flush) {
    establish();
    ASSERT_TRUE(a.path_to(b).claim(PathEvent::kWantsHandshake));
    Actions actions;
    a.device.report(
        {a.path_to(b).id, PathEvent::kWantsHandshake, 0, {}}, clock.now, clock.wall, actions
    );
    EXPECT_TRUE(actions.sends.empty());
    EXPECT_EQ(actions.flush_staged.size(), 1U);
    EXPECT_TRUE(a.path_to(b).claim(PathEvent::kWantsHandshake)) << "the claim was cleared";
}

// Whoever runs a mesh may know another place, or a relay.
TEST_F(DeviceTimersTest, packet_that_waits_for_a_session_is_told_but_not_one_that_renews_it) {
    const PathReport wish{a.path_to(b).id, PathEvent::kWantsHandshake, 0, {}};
    Actions actions;
    ASSERT_TRUE(a.path_to(b).claim(PathEvent::kWantsHandshake));
    a.device.report(wish, clock.now, clock.wall, actions);
    EXPECT_EQ(actions.wanted, std::vector{b.public_key});
    establish();
    actions.clear();
    a.device.report(wish, clock.now, clock.wall, actions);
    EXPECT_TRUE(actions.wanted.empty());
}

TEST_F(DeviceTimersTest, wish_stays_claimed_while_the_handshake_runs) {
    a.send_to(b);
    EXPECT_FALSE(a.path_to(b).claim(PathEvent::kWantsHandshake));
    exchange();
    EXPECT_TRUE(a.path_to(b).claim(PathEvent::kWantsHandshake));
}

// A report may be lost when the queue to the control thread is full.
TEST_F(DeviceTimersTest, lost_confirmation_is_made_up_for_by_the_next_report) {
    a.send_to(b);
    b.receive(take(a, kInitiation));
    PeerPath& path = b.path_to(a);
    ASSERT_TRUE(path.claim(PathEvent::kConfirmed));  // so the report below is not posted
    a.receive(take(b, kResponse));
    b.receive(take(a, kTransport));
    EXPECT_EQ(sending(b, a), nullptr);
    b.send_to(a);
    EXPECT_NE(sending(b, a), nullptr);
    exchange();
    EXPECT_EQ(a.received.size(), 1U);
}

TEST_F(DeviceTimersTest, report_about_a_removed_peer_is_ignored) {
    const PeerId id = a.path_to(b).id;
    change_peer(a, b, [](PeerUpdate& peer) { peer.remove = true; });
    Actions actions;
    for (const auto event :
         {PathEvent::kWantsHandshake, PathEvent::kConfirmed, PathEvent::kActive, PathEvent::kRoamed
         }) {
        a.device.report({id, event, 7, {}}, clock.now, clock.wall, actions);
    }
    EXPECT_TRUE(actions.sends.empty());
    EXPECT_EQ(a.device.find_path(id), nullptr);
}

}  // namespace phantom::wireguard::test
