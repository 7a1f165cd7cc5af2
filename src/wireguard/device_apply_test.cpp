// Configuration of the Device: all or nothing, and what each setting does.

#include "wireguard/device_fixture.h"
#include "wireguard/errors.h"

namespace phantom::wireguard::test {

class DeviceApplyTest : public DeviceTest {
  protected:
    static PeerUpdate& add(DeviceUpdate& update, int number) {
        PeerUpdate& peer = update.peers.emplace_back();
        peer.public_key[0] = static_cast<std::uint8_t>(number);
        peer.public_key[20] = 9;
        return peer;
    }
    static AllowedIpUpdate allowed(const char* text, bool remove = false) {
        return {*wire::Prefix::parse(text), remove};
    }
    static std::vector<crypto::PublicKey> keys(const Host& host) {
        std::vector<crypto::PublicKey> made;
        for (const PeerStatus& peer : host.device.status().peers) {
            made.push_back(peer.public_key);
        }
        return made;
    }
};

TEST_F(DeviceApplyTest, status_reads_back_what_was_set) {
    DeviceUpdate update;
    PeerUpdate& peer = add(update, 7);
    crypto::Key preshared_key;
    a.random.fill(preshared_key.bytes());
    peer.preshared_key = preshared_key;
    peer.endpoint = socket_address("[2001:db8::1]:51820");
    peer.persistent_keepalive_s = 25;
    peer.allowed_ips = {allowed("10.7.0.0/16"), allowed("fd07::/64")};
    a.apply(update);
    const DeviceStatus status = a.device.status();
    EXPECT_TRUE(crypto::equal_constant_time(status.private_key.view(), a.private_key.view()));
    const PeerStatus& got = status.peers.at(1);
    EXPECT_EQ(got.public_key, peer.public_key);
    EXPECT_TRUE(crypto::equal_constant_time(got.preshared_key.view(), preshared_key.view()));
    EXPECT_EQ(got.endpoint, peer.endpoint);
    EXPECT_EQ(got.persistent_keepalive_s, 25);
    EXPECT_EQ(got.last_handshake.ns, 0);
    EXPECT_EQ(
        got.allowed_ips,
        (std::vector{*wire::Prefix::parse("10.7.0.0/16"), *wire::Prefix::parse("fd07::/64")})
    );
}

TEST_F(DeviceApplyTest, peers_are_listed_in_the_order_they_were_added) {
    DeviceUpdate update;
    for (const int number : {9, 3, 7}) {
        add(update, number);
    }
    a.apply(update);
    const auto got = keys(a);
    ASSERT_EQ(got.size(), 4U);
    EXPECT_EQ(got[1][0], 9);
    EXPECT_EQ(got[2][0], 3);
    EXPECT_EQ(got[3][0], 7);
}

TEST_F(DeviceApplyTest, update_only_creates_nobody) {
    DeviceUpdate update;
    add(update, 7).update_only = true;
    a.apply(update);
    EXPECT_EQ(keys(a).size(), 1U);
    change_peer(a, b, [](PeerUpdate& peer) {
        peer.update_only = true;
        peer.persistent_keepalive_s = 9;
    });
    EXPECT_EQ(a.device.status().peers.at(0).persistent_keepalive_s, 9);
}

TEST_F(DeviceApplyTest, replace_peers_leaves_only_the_new_ones) {
    establish();
    DeviceUpdate update;
    update.replace_peers = true;
    add(update, 7);
    a.apply(update);
    ASSERT_EQ(keys(a).size(), 1U);
    EXPECT_EQ(keys(a)[0][0], 7);
    EXPECT_EQ(a.device.forwarding().allowed_ips->find(b.inner), nullptr);
}

TEST_F(DeviceApplyTest, removed_peer_leaves_nothing_behind) {
    establish();
    const PeerId id = a.path_to(b).id;
    const std::uint32_t index = sending(a, b)->local_index();
    Actions actions;
    DeviceUpdate update;
    PeerUpdate& peer = update.peers.emplace_back();
    peer.public_key = b.public_key;
    peer.remove = true;
    ASSERT_TRUE(a.device.apply(update, clock.now, actions));
    EXPECT_TRUE(actions.forwarding_changed);
    EXPECT_EQ(actions.drop_staged, std::vector{id});
    // Its session, endpoint and path, and the tables, may all be in the hands of a shard.
    EXPECT_EQ(actions.retired.size(), 4U);
    EXPECT_EQ(a.device.find_path(id), nullptr);
    EXPECT_EQ(a.device.forwarding().sessions->find(index), nullptr);
    EXPECT_EQ(a.device.deadline(), kFarFuture);
    a.add_peer(b);
    EXPECT_NE(a.path_to(b).id, id) << "ids are never used again";
}

// Checklist: one owner (moves on re-add); `-` removes.
TEST_F(DeviceApplyTest, allowed_ip_moves_on_re_add) {
    DeviceUpdate update;
    add(update, 7).allowed_ips = {{wire::Prefix::of(b.inner, 32), false}};
    a.apply(update);
    EXPECT_TRUE(a.device.status().peers.at(0).allowed_ips.empty());
    EXPECT_EQ(a.device.status().peers.at(1).allowed_ips.size(), 1U);
    EXPECT_EQ(a.device.public_key_of(a.path_to(b).id).value()[0], 7);
}

TEST_F(DeviceApplyTest, allowed_ip_with_minus_is_removed_from_its_owner_only) {
    DeviceUpdate update;
    add(update, 7).allowed_ips = {{wire::Prefix::of(b.inner, 32), true}};
    a.apply(update);
    EXPECT_NE(a.device.forwarding().allowed_ips->find(b.inner), nullptr);
    change_peer(a, b, [&](PeerUpdate& peer) {
        peer.allowed_ips = {{wire::Prefix::of(b.inner, 32), true}};
    });
    EXPECT_EQ(a.device.forwarding().allowed_ips->find(b.inner), nullptr);
}

TEST_F(DeviceApplyTest, replace_allowed_ips_takes_the_old_ones_away) {
    change_peer(a, b, [](PeerUpdate& peer) {
        peer.replace_allowed_ips = true;
        peer.allowed_ips = {allowed("10.77.0.0/16")};
    });
    EXPECT_EQ(a.device.forwarding().allowed_ips->find(b.inner), nullptr);
    EXPECT_NE(a.device.forwarding().allowed_ips->find(*wire::Address::parse("10.77.1.1")), nullptr);
}

TEST_F(DeviceApplyTest, tables_are_rebuilt_only_when_an_allowed_ip_changed) {
    Actions actions;
    DeviceUpdate update;
    update.peers.push_back(Host::peer_update(b));
    update.peers[0].persistent_keepalive_s = 3;
    ASSERT_TRUE(a.device.apply(update, clock.now, actions));
    EXPECT_FALSE(actions.forwarding_changed);
}

// Checklist (UAPI): a peer with our own public key is ignored.
TEST_F(DeviceApplyTest, own_public_key_as_peer_is_ignored) {
    a.add_peer(a);
    EXPECT_EQ(keys(a), std::vector{b.public_key});
}

TEST_F(DeviceApplyTest, own_public_key_is_ignored_when_both_come_at_once) {
    Host c(clock, 3, 3);
    Host d(clock, 4, 4);
    DeviceUpdate update;
    update.private_key = d.private_key;
    update.peers = {Host::peer_update(d), Host::peer_update(b)};
    c.apply(update);
    EXPECT_EQ(keys(c), std::vector{b.public_key});
}

// ---- Keys ----

// Checklist: a changed PSK takes effect at the next handshake.
TEST_F(DeviceApplyTest, changed_preshared_key_takes_effect_at_the_next_handshake) {
    establish();
    crypto::Key preshared_key;
    a.random.fill(preshared_key.bytes());
    change_peer(a, b, [&](PeerUpdate& peer) { peer.preshared_key = preshared_key; });
    const std::size_t before = b.received.size();
    a.send_to(b);
    exchange();
    EXPECT_EQ(b.received.size(), before + 1) << "the session in use goes on";
    clock.advance(121s);
    a.send_to(b);
    exchange();
    EXPECT_EQ(a.device.counters().handshakes_completed, 1U) << "the keys differ";
    EXPECT_EQ(a.device.counters().bad_handshakes, 1U);
    change_peer(b, a, [&](PeerUpdate& peer) { peer.preshared_key = preshared_key; });
    pass(6s);
    EXPECT_EQ(a.device.counters().handshakes_completed, 2U);
}

TEST_F(DeviceApplyTest, preshared_key_of_zero_clears) {
    crypto::Key preshared_key;
    a.random.fill(preshared_key.bytes());
    change_peer(a, b, [&](PeerUpdate& peer) { peer.preshared_key = preshared_key; });
    change_peer(a, b, [&](PeerUpdate& peer) { peer.preshared_key = crypto::Key{}; });
    a.send_to(b);
    exchange();
    EXPECT_EQ(b.received.size(), 1U);
}

TEST_F(DeviceApplyTest, changed_private_key_ends_the_sessions_and_makes_new_ones) {
    establish();
    const crypto::PrivateKey fresh = crypto::generate_private_key(a.random);
    DeviceUpdate update;
    update.private_key = fresh;
    a.apply(update);
    EXPECT_EQ(sending(a, b), nullptr);
    a.public_key = crypto::public_key_of(fresh);
    b.add_peer(a);
    const std::size_t before = b.received.size();
    a.send_to(b);
    exchange();
    EXPECT_EQ(b.received.size(), before + 1);
}

TEST_F(DeviceApplyTest, handshake_under_way_begins_again_with_the_new_private_key) {
    a.send_to(b);
    a.sent.clear();
    const crypto::PrivateKey fresh = crypto::generate_private_key(a.random);
    DeviceUpdate update;
    update.private_key = fresh;
    a.apply(update);
    a.public_key = crypto::public_key_of(fresh);
    b.add_peer(a);
    a.tick();
    exchange();
    EXPECT_EQ(b.received.size(), 1U) << "what waited for a session is not lost";
}

TEST_F(DeviceApplyTest, same_private_key_changes_nothing) {
    establish();
    Session* session = sending(a, b);
    DeviceUpdate update;
    update.private_key = a.private_key;
    a.apply(update);
    EXPECT_EQ(sending(a, b), session);
}

TEST_F(DeviceApplyTest, peer_that_is_now_ourselves_is_removed) {
    DeviceUpdate update;
    update.private_key = b.private_key;
    a.apply(update);
    EXPECT_TRUE(keys(a).empty());
}

TEST_F(DeviceApplyTest, private_key_of_zero_clears_and_silences) {
    establish();
    DeviceUpdate update;
    update.private_key = crypto::PrivateKey{};
    a.apply(update);
    EXPECT_TRUE(a.device.status().private_key.is_zero());
    clock.advance(10s);
    a.send_to(b);
    EXPECT_TRUE(a.sent.empty());
    clock.advance(200s);
    b.send_to(a);
    a.receive(take(b, kInitiation));
    EXPECT_TRUE(a.sent.empty());
}

TEST_F(DeviceApplyTest, private_key_is_stored_clamped) {
    crypto::PrivateKey raw;
    std::ranges::fill(raw.bytes(), std::uint8_t{0xff});
    DeviceUpdate update;
    update.private_key = raw;
    a.apply(update);
    const crypto::PrivateKey got = a.device.status().private_key;
    EXPECT_EQ(got.view()[0], 0xf8);
    EXPECT_EQ(got.view()[31], 0x7f);
}

// ---- All or nothing ----

TEST_F(DeviceApplyTest, too_many_peers_is_an_error_that_changes_nothing) {
    DeviceUpdate update;
    update.private_key = crypto::PrivateKey{};
    update.peers.resize(kPeerCountMax);
    for (std::uint32_t number = 0; number < update.peers.size(); ++number) {
        store_le(update.peers[number].public_key.data(), number + 2);
    }
    Actions actions;
    const Status refused = a.device.apply(update, clock.now, actions);
    ASSERT_FALSE(refused);
    EXPECT_TRUE(refused.error().is(WireguardError::kTooManyPeers));
    EXPECT_EQ(refused.error().message(), "wireguard: more peers than one device can hold (65536)");
    EXPECT_EQ(keys(a), std::vector{b.public_key});
    EXPECT_FALSE(a.device.status().private_key.is_zero());
    EXPECT_FALSE(actions.forwarding_changed);
    // With the one that is there replaced, they fit.
    update.replace_peers = true;
    EXPECT_TRUE(a.device.apply(update, clock.now, actions));
    EXPECT_EQ(a.device.status().peers.size(), kPeerCountMax);
}

TEST_F(DeviceApplyTest, bad_prefix_in_the_last_peer_changes_nothing) {
    DeviceUpdate update;
    update.replace_peers = true;
    add(update, 1);
    add(update, 2).allowed_ips = {{wire::Prefix{}, false}};
    Actions actions;
    const Status refused = a.device.apply(update, clock.now, actions);
    ASSERT_FALSE(refused);
    EXPECT_TRUE(refused.error().is(WireguardError::kBadAllowedIp));
    EXPECT_EQ(keys(a), std::vector{b.public_key});
}

TEST_F(DeviceApplyTest, too_many_allowed_ips_is_an_error) {
    DeviceUpdate update;
    PeerUpdate& peer = add(update, 1);
    peer.allowed_ips.resize(kAllowedIpCountMax, allowed("10.0.0.0/8"));
    Actions actions;
    const Status refused = a.device.apply(update, clock.now, actions);
    ASSERT_FALSE(refused);
    EXPECT_TRUE(refused.error().is(WireguardError::kTooManyAllowedIps));
}

// ---- Up and down ----

TEST_F(DeviceApplyTest, down_erases_sessions_and_keeps_settings) {
    establish();
    a.down();
    EXPECT_EQ(sending(a, b), nullptr);
    EXPECT_EQ(keys(a).size(), 1U);
    EXPECT_EQ(a.device.deadline(), kFarFuture);
    a.up();
    clock.advance(6s);
    const std::size_t before = b.received.size();
    a.send_to(b);
    exchange();
    EXPECT_EQ(b.received.size(), before + 1);
}

TEST_F(DeviceApplyTest, nothing_is_answered_while_down) {
    b.down();
    a.send_to(b);
    b.receive(take(a, kInitiation));
    EXPECT_TRUE(b.sent.empty());
    b.send_to(a);
    EXPECT_TRUE(b.sent.empty());
    EXPECT_EQ(b.staged_count(), 0U);
    EXPECT_EQ(b.staged_dropped, 1U);
}

}  // namespace phantom::wireguard::test
