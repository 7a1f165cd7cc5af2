// Handshakes and sessions through the Device.

#include "wireguard/device.h"

#include <set>

#include "wireguard/cookie.h"
#include "wireguard/device_fixture.h"

namespace phantom::wireguard::test {

TEST_F(DeviceTest, first_packet_makes_the_handshake_and_arrives) {
    a.send_to(b);
    EXPECT_EQ(a.staged_count(), 1U);
    exchange();
    EXPECT_EQ(a.staged_count(), 0U);
    ASSERT_EQ(b.received.size(), 1U);
    EXPECT_EQ(a.device.counters().handshakes_completed, 1U);
    EXPECT_EQ(b.device.counters().handshakes_completed, 1U);
    b.send_to(a);
    exchange();
    EXPECT_EQ(a.received.size(), 1U);
}

TEST_F(DeviceTest, messages_have_the_sizes_of_the_paper) {
    a.send_to(b);
    const Datagram initiation = take(a, kInitiation);
    EXPECT_EQ(initiation.bytes.size(), 148U);
    b.receive(initiation);
    const Datagram response = take(b, kResponse);
    EXPECT_EQ(response.bytes.size(), 92U);
    a.receive(response);
    EXPECT_EQ(take(a, kTransport).bytes.size(), 32U) << "a keepalive";
}

TEST_F(DeviceTest, works_with_any_number_of_shards) {
    for (const std::uint32_t shards : {2U, 3U, 64U}) {
        Host server(clock, 100 + shards, 9, shards);
        server.up();
        std::vector<std::unique_ptr<Host>> clients;
        for (unsigned number = 10; number < 40; ++number) {
            clients.push_back(std::make_unique<Host>(clock, number, number));
            clients.back()->up();
            clients.back()->add_peer(server);
            server.add_peer(*clients.back());
            clients.back()->send_to(server);
            test::exchange({&server, clients.back().get()});
            PeerPath& path = server.path_to(*clients.back());
            ASSERT_NE(path.sending.load(), nullptr);
            EXPECT_EQ(path.sending.load()->local_index() % shards, path.owner_shard);
            EXPECT_EQ(
                server.device.forwarding().sessions->find(path.sending.load()->local_index()),
                path.sending.load()
            );
        }
        EXPECT_EQ(server.received.size(), 30U);
    }
}

// ---- Sessions ----

// Checklist: the responder sends data only after it has received on the new key.
TEST_F(DeviceTest, responder_sends_only_after_it_has_received_on_the_new_session) {
    a.send_to(b);
    b.receive(take(a, kInitiation));
    const Datagram response = take(b, kResponse);
    EXPECT_EQ(sending(b, a), nullptr);
    b.send_to(a);
    EXPECT_EQ(count(b, kTransport), 0U);
    EXPECT_EQ(b.staged_count(), 1U);
    a.receive(response);
    b.receive(take(a, kTransport));
    EXPECT_NE(sending(b, a), nullptr);
    EXPECT_EQ(count(b, kTransport), 1U) << "what waited goes out on confirmation";
}

TEST_F(DeviceTest, responder_keeps_sending_on_the_old_session_until_the_new_one_is_heard) {
    establish();
    Session* old = sending(b, a);
    clock.advance(120s);
    a.send_to(b);  // data, then an initiation
    b.receive(take(a, kTransport));
    b.receive(take(a, kInitiation));
    EXPECT_EQ(sending(b, a), old);
    a.receive(take(b, kResponse));
    EXPECT_EQ(sending(b, a), old);
    b.receive(take(a, kTransport));
    EXPECT_NE(sending(b, a), old);
}

TEST_F(DeviceTest, initiator_sends_a_keepalive_so_that_the_responder_is_confirmed) {
    a.send_to(b);
    b.receive(take(a, kInitiation));
    a.receive(take(b, kResponse));
    EXPECT_EQ(a.keepalives_sent, 1U);
    b.receive(take(a, kTransport));
    EXPECT_EQ(b.keepalives_received, 1U);
}

TEST_F(DeviceTest, packets_of_the_previous_session_still_arrive_after_a_rekey) {
    establish();
    a.send_to(b);
    const Datagram late = take(a, kTransport);
    clock.advance(121s);
    a.send_to(b);
    exchange();
    ASSERT_EQ(b.device.counters().handshakes_completed, 2U);
    const std::size_t before = b.received.size();
    b.receive(late);
    EXPECT_EQ(b.received.size(), before + 1);
}

TEST_F(DeviceTest, replayed_data_is_refused_in_every_session_slot) {
    establish();
    a.send_to(b);
    const Datagram packet = take(a, kTransport);
    b.receive(packet);
    b.receive(packet);
    EXPECT_EQ(b.rejected, 1U);
    clock.advance(121s);
    a.send_to(b);
    exchange();
    b.receive(packet);
    EXPECT_EQ(b.rejected, 2U);
}

TEST_F(DeviceTest, rekey_in_both_directions_at_once_loses_nothing) {
    establish();
    const std::size_t received_by_a = a.received.size();
    const std::size_t received_by_b = b.received.size();
    // Both have reason to renew: 2^60 messages.
    sending(a, b)->set_send_counter_for_test(kRekeyAfterMessages);
    sending(b, a)->set_send_counter_for_test(kRekeyAfterMessages);
    clock.advance(6s);
    for (int second = 0; second < 20; ++second) {
        a.send_to(b);
        b.send_to(a);
        exchange();
        pass(1s);
    }
    EXPECT_EQ(a.received.size(), received_by_a + 20);
    EXPECT_EQ(b.received.size(), received_by_b + 20);
    EXPECT_GE(a.device.counters().handshakes_completed, 2U);
    EXPECT_EQ(sending(a, b)->local_index(), sending(b, a)->remote_index());
}

// What is agreed inside a session is bound to the hash of the handshake that made it.
TEST_F(DeviceTest, crossed_handshakes_say_the_hash_of_the_session_they_made) {
    change_peer(a, b, [](PeerUpdate& update) { update.handshake_now = true; });
    change_peer(b, a, [](PeerUpdate& update) { update.handshake_now = true; });
    a.tick();
    b.tick();
    exchange();
    a.send_to(b);
    b.send_to(a);
    exchange();
    ASSERT_FALSE(a.began.empty());
    ASSERT_FALSE(b.began.empty());
    for (Host* host : {&a, &b}) {
        std::set<crypto::Hash> hashes;
        for (const SessionBegan& each : host->began) {
            EXPECT_TRUE(hashes.insert(each.handshake_hash).second) << "said of two sessions";
        }
    }
    EXPECT_EQ(a.began.back().handshake_hash, b.began.back().handshake_hash);
}

TEST_F(DeviceTest, both_initiating_at_once_need_no_timer_and_settle_on_one_session) {
    a.send_to(b);
    b.send_to(a);
    exchange();
    EXPECT_EQ(a.received.size(), 1U);
    EXPECT_EQ(b.received.size(), 1U);
    ASSERT_NE(sending(a, b), nullptr);
    ASSERT_NE(sending(b, a), nullptr);
    EXPECT_EQ(sending(a, b)->local_index(), sending(b, a)->remote_index());
    EXPECT_EQ(sending(b, a)->local_index(), sending(a, b)->remote_index());
}

// ---- Hostile and broken messages ----

TEST_F(DeviceTest, message_of_wrong_length_type_or_reserved_bytes_is_ignored) {
    a.send_to(b);
    const Datagram good = take(a, kInitiation);
    Actions actions;
    const auto receive = [&](ByteView bytes) {
        b.device.receive(bytes, good.from, 0, clock.now, clock.wall, actions);
    };
    std::vector<std::uint8_t> bytes = good.bytes;
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        receive(ByteView(bytes).first(size));
    }
    bytes.push_back(0);
    receive(bytes);
    bytes.pop_back();
    for (const std::size_t reserved : {1U, 2U, 3U}) {
        bytes[reserved] = 1;
        receive(bytes);
        bytes[reserved] = 0;
    }
    for (const int type : {0, 2, 3, 4, 5, 255}) {
        bytes[0] = static_cast<std::uint8_t>(type);
        receive(bytes);
    }
    EXPECT_TRUE(actions.sends.empty());
    b.receive(good);
    EXPECT_EQ(count(b, kResponse), 1U);
}

TEST_F(DeviceTest, bad_mac1_gets_no_answer_and_is_counted) {
    a.send_to(b);
    Datagram initiation = take(a, kInitiation);
    initiation.bytes[116] ^= 1;
    b.receive(initiation);
    b.queue_depth = kHandshakeQueueSize;
    b.receive(initiation);
    EXPECT_TRUE(b.sent.empty());
    EXPECT_EQ(b.device.counters().bad_mac1, 2U);
}

TEST_F(DeviceTest, initiation_of_an_unknown_peer_gets_no_answer) {
    Host stranger(clock, 3, 3);
    stranger.up();
    stranger.add_peer(b);
    stranger.send_to(b);
    b.receive(take(stranger, kInitiation));
    EXPECT_TRUE(b.sent.empty());
    EXPECT_EQ(b.device.counters().bad_handshakes, 1U);
}

TEST_F(DeviceTest, replayed_initiation_gets_no_answer_and_moves_nothing) {
    a.send_to(b);
    const Datagram initiation = take(a, kInitiation);
    b.receive(initiation);
    a.receive(take(b, kResponse));
    exchange();
    clock.advance(30s);
    Datagram replayed = initiation;
    replayed.from.remote = socket_address("203.0.113.66:666");
    b.receive(replayed);
    EXPECT_TRUE(b.sent.empty());
    EXPECT_EQ(endpoint_of(b, a), a.address);
    EXPECT_EQ(b.device.counters().bad_handshakes, 1U);
}

// Checklist: TAI64N strictly increasing per peer.
TEST_F(DeviceTest, initiation_with_an_older_timestamp_is_refused) {
    a.send_to(b);
    const Datagram older = take(a, kInitiation);
    pass_unheard(6s);
    const Datagram newer = take(a, kInitiation);
    b.receive(newer);
    EXPECT_EQ(count(b, kResponse), 1U);
    clock.advance(1s);
    b.receive(older);
    EXPECT_EQ(count(b, kResponse), 1U);
    EXPECT_EQ(b.device.counters().bad_handshakes, 1U);
}

TEST_F(DeviceTest, own_timestamps_increase_though_the_wall_clock_steps_back) {
    a.send_to(b);
    b.receive(take(a, kInitiation));
    b.sent.clear();
    clock.wall.ns -= 3'600'000'000'000;
    pass_unheard(6s);
    b.receive(take(a, kInitiation));
    EXPECT_EQ(count(b, kResponse), 1U);
}

// Checklist: persist the floor.
TEST_F(DeviceTest, timestamp_floor_survives_a_restart_when_the_host_keeps_it) {
    a.send_to(b);
    const Datagram recorded = take(a, kInitiation);
    b.receive(recorded);
    const PeerStatus kept = b.device.status().peers.at(0);

    Host restarted(clock, 2, 2);
    restarted.up();
    PeerUpdate peer = Host::peer_update(a);
    peer.timestamp_floor = kept.timestamp_floor;
    restarted.apply_peer(peer);
    ASSERT_EQ(restarted.public_key, b.public_key);
    restarted.receive(recorded);
    EXPECT_TRUE(restarted.sent.empty());
    // The floor only rises.
    peer.timestamp_floor = Tai64n{};
    restarted.apply_peer(peer);
    restarted.receive(recorded);
    EXPECT_TRUE(restarted.sent.empty());
}

// Checklist: at most 50 initiations/s per peer accepted.
TEST_F(DeviceTest, at_most_50_initiations_a_second_are_accepted) {
    std::vector<Datagram> initiations;
    a.send_to(b);
    for (int tries = 0; tries < 3; ++tries) {
        initiations.push_back(take(a, kInitiation));
        pass_unheard(6s);
    }
    b.receive(initiations[0]);
    EXPECT_EQ(count(b, kResponse), 1U);
    clock.advance(20ms - 1ns);
    b.receive(initiations[1]);
    EXPECT_EQ(count(b, kResponse), 1U);
    EXPECT_EQ(b.device.counters().rate_limited, 1U);
    clock.advance(1ns);
    b.receive(initiations[2]);
    EXPECT_EQ(count(b, kResponse), 2U);
}

TEST_F(DeviceTest, response_to_a_wrong_index_is_refused) {
    a.send_to(b);
    b.receive(take(a, kInitiation));
    const Datagram good = take(b, kResponse);
    // The macs stay right only if the receiver index is changed before them: sign it anew.
    Datagram wrong = good;
    wrong.bytes[8] ^= 1;
    CookieGenerator(a.public_key).add_macs(wrong.bytes, clock.now);
    a.receive(wrong);
    EXPECT_EQ(a.device.counters().bad_handshakes, 1U);
    a.receive(good);
    EXPECT_EQ(a.device.counters().handshakes_completed, 1U);
}

TEST_F(DeviceTest, response_is_consumed_once) {
    a.send_to(b);
    b.receive(take(a, kInitiation));
    const Datagram response = take(b, kResponse);
    a.receive(response);
    Session* session = sending(a, b);
    a.receive(response);
    EXPECT_EQ(sending(a, b), session);
    EXPECT_EQ(a.device.counters().handshakes_completed, 1U);
    EXPECT_EQ(a.device.counters().bad_handshakes, 1U);
}

TEST_F(DeviceTest, forged_response_does_not_end_the_handshake) {
    a.send_to(b);
    b.receive(take(a, kInitiation));
    const Datagram good = take(b, kResponse);
    Datagram forged = good;
    forged.bytes[20] ^= 1;
    CookieGenerator(a.public_key).add_macs(forged.bytes, clock.now);
    a.receive(forged);
    EXPECT_EQ(sending(a, b), nullptr);
    a.receive(good);
    EXPECT_NE(sending(a, b), nullptr);
}

TEST_F(DeviceTest, low_order_peers_are_kept_but_never_called) {
    for (const int first : {0, 1}) {
        crypto::PublicKey point{};
        point[0] = static_cast<std::uint8_t>(first);
        PeerUpdate peer;
        peer.public_key = point;
        peer.endpoint = socket_address("192.0.2.9:9");
        peer.persistent_keepalive_s = 1;
        a.apply_peer(peer);
    }
    EXPECT_EQ(a.device.status().peers.size(), 3U);
    pass_unheard(30s);
    EXPECT_TRUE(a.sent.empty());
}

// ---- Cookies, end to end ----

// Checklist: mac2 only under load; the initiator's next try carries it.
TEST_F(DeviceTest, under_load_the_initiator_gets_a_cookie_and_its_next_try_succeeds) {
    b.queue_depth = kUnderLoadQueueDepth;
    a.send_to(b);
    b.receive(take(a, kInitiation));
    EXPECT_EQ(b.device.counters().cookies_sent, 1U);
    const Datagram cookie = take(b, kCookieReply);
    EXPECT_EQ(cookie.bytes.size(), 64U);
    a.receive(cookie);
    EXPECT_TRUE(a.sent.empty()) << "a cookie is kept for the next try, not answered";
    pass(6s);
    EXPECT_EQ(b.received.size(), 1U);
    EXPECT_EQ(b.device.counters().cookies_sent, 1U);
}

TEST_F(DeviceTest, under_load_a_response_needs_mac2_too) {
    a.queue_depth = kUnderLoadQueueDepth;
    a.send_to(b);
    b.receive(take(a, kInitiation));
    a.receive(take(b, kResponse));
    EXPECT_EQ(sending(a, b), nullptr);
    b.receive(take(a, kCookieReply));
    pass(6s);
    EXPECT_NE(sending(a, b), nullptr);
}

// Checklist: the endpoint never follows a cookie reply.
TEST_F(DeviceTest, endpoint_never_follows_a_cookie_reply) {
    b.queue_depth = kUnderLoadQueueDepth;
    a.send_to(b);
    b.receive(take(a, kInitiation));
    Datagram cookie = take(b, kCookieReply);
    cookie.from.remote = socket_address("203.0.113.66:666");
    a.receive(cookie);
    EXPECT_EQ(endpoint_of(a, b), b.address);
}

TEST_F(DeviceTest, cookie_replies_that_nobody_asked_for_are_counted_and_dropped) {
    establish();
    std::vector<std::uint8_t> forged(sizeof(wire::CookieReply));
    forged[0] = 3;
    store_le(forged.data() + 4, sending(a, b)->local_index());
    a.receive({{b.address, {}, 0}, {a.address, {}, 0}, forged});
    store_le(forged.data() + 4, sending(a, b)->local_index() ^ 1U);
    a.receive({{b.address, {}, 0}, {a.address, {}, 0}, forged});
    EXPECT_EQ(a.device.counters().bad_handshakes, 2U);
    EXPECT_TRUE(a.sent.empty());
}

// ---- Allowed IPs and counters ----

// Checklist: inbound: the inner source must map to that peer.
TEST_F(DeviceTest, inner_source_of_another_peer_is_not_delivered) {
    establish();
    const std::size_t before = b.received.size();
    a.send({b.inner, *wire::Address::parse("10.0.0.77"), 1});
    exchange();
    EXPECT_EQ(b.received.size(), before);
}

TEST_F(DeviceTest, bytes_of_handshakes_and_data_are_counted) {
    a.send_to(b);
    exchange();
    const PeerStatus of_a = a.device.status().peers.at(0);
    const PeerStatus of_b = b.device.status().peers.at(0);
    EXPECT_EQ(of_a.sent_bytes, 148U + 32U + 48U);
    EXPECT_EQ(of_b.received_bytes, of_a.sent_bytes);
    EXPECT_EQ(of_a.received_bytes, 92U);
    EXPECT_EQ(of_b.sent_bytes, 92U);
    EXPECT_EQ(of_a.last_handshake, clock.wall);
    EXPECT_EQ(of_b.last_handshake, clock.wall);
}

}  // namespace phantom::wireguard::test
