// A static key is replaced while packets flow: ours (next_private_key), and the peer's
// (next_public_key). Sessions go on, so nothing is lost, whoever hears of it first.

#include "wireguard/device_fixture.h"

namespace phantom::wireguard::test {

class KeyChangeTest : public DeviceTest {
  protected:
    KeyChangeTest() { establish(); }

    // `a` has another key; `b` has not heard of it.
    void change_key_of_a() {
        before_ = a.public_key;
        a.private_key = crypto::generate_private_key(a.random);
        a.public_key = crypto::public_key_of(a.private_key);
        DeviceUpdate update;
        update.next_private_key = a.private_key;
        a.apply(update);
    }
    void tell_b() {
        PeerUpdate peer;
        peer.public_key = before_;
        peer.update_only = true;
        peer.next_public_key = a.public_key;
        b.apply_peer(peer);
    }
    void forget_previous_key_of_a() {
        DeviceUpdate update;
        update.previous_private_key = crypto::PrivateKey{};
        a.apply(update);
    }
    static void begin_handshake(Host& from, const crypto::PublicKey& to) {
        PeerUpdate peer;
        peer.public_key = to;
        peer.update_only = true;
        peer.handshake_now = true;
        from.apply_peer(peer);
        from.tick();
    }
    // One packet each way arrives at once, over the sessions there are.
    void expect_both_ways() {
        const std::size_t at_a = a.received.size();
        const std::size_t at_b = b.received.size();
        a.send_to(b);
        b.send_to(a);
        exchange();
        EXPECT_EQ(a.received.size(), at_a + 1);
        EXPECT_EQ(b.received.size(), at_b + 1);
    }
    [[nodiscard]] static Session* sending(const Host& from, const Host& to) {
        return from.path_to(to).sending.load();
    }

    crypto::PublicKey before_{};
};

TEST_F(KeyChangeTest, sessions_go_on_under_our_next_key) {
    Session* session = sending(a, b);
    change_key_of_a();
    EXPECT_EQ(sending(a, b), session);
    expect_both_ways();
    tell_b();
    expect_both_ways();
    EXPECT_EQ(sending(a, b), session);
}

TEST_F(KeyChangeTest, peer_that_has_not_heard_calls_the_key_before_and_is_answered) {
    change_key_of_a();
    clock.advance(1s);
    const std::size_t began = a.began.size();
    begin_handshake(b, before_);
    exchange();
    EXPECT_EQ(a.began.size(), began + 1);
    expect_both_ways();
}

TEST_F(KeyChangeTest, peer_that_has_heard_calls_the_next_key) {
    change_key_of_a();
    tell_b();
    clock.advance(1s);
    const std::size_t began = b.began.size();
    begin_handshake(b, a.public_key);
    exchange();
    ASSERT_EQ(b.began.size(), began + 1);
    EXPECT_EQ(b.began.back().peer, a.public_key);
    clock.advance(1s);
    begin_handshake(a, b.public_key);
    exchange();
    EXPECT_EQ(b.began.size(), began + 2) << "and takes calls from it";
    expect_both_ways();
}

TEST_F(KeyChangeTest, a_call_under_the_next_key_is_refused_by_who_has_not_heard_and_harms_nothing) {
    change_key_of_a();
    clock.advance(1s);
    const std::size_t began = b.began.size();
    begin_handshake(a, b.public_key);
    exchange();
    EXPECT_EQ(b.began.size(), began);
    expect_both_ways();
}

TEST_F(KeyChangeTest, key_before_is_not_answered_once_it_is_forgotten) {
    change_key_of_a();
    forget_previous_key_of_a();
    clock.advance(1s);
    const std::size_t began = a.began.size();
    const auto bad = a.device.counters().bad_mac1;
    begin_handshake(b, before_);
    exchange();
    EXPECT_EQ(a.began.size(), began);
    EXPECT_EQ(a.device.counters().bad_mac1, bad + 1);
}

TEST_F(KeyChangeTest, key_before_given_at_the_start_is_answered) {
    Host restarted(clock, 77, 1);
    change_key_of_a();
    DeviceUpdate update;
    update.private_key = crypto::generate_private_key(restarted.random);
    restarted.public_key = crypto::public_key_of(*update.private_key);
    crypto::PrivateKey previous = crypto::generate_private_key(restarted.random);
    update.previous_private_key = previous;
    restarted.apply(update);
    restarted.add_peer(b);
    restarted.up();
    PeerUpdate peer = Host::peer_update(restarted);
    peer.public_key = crypto::public_key_of(previous);
    b.apply_peer(peer);
    begin_handshake(b, peer.public_key);
    test::exchange({&restarted, &b});
    EXPECT_EQ(restarted.began.size(), 1U);
}

TEST_F(KeyChangeTest, next_key_that_is_somebody_elses_is_not_taken) {
    PeerUpdate other;
    other.public_key[0] = 9;
    b.apply_peer(other);
    PeerUpdate peer;
    peer.public_key = a.public_key;
    peer.next_public_key = other.public_key;
    b.apply_peer(peer);
    EXPECT_EQ(b.device.public_key_of(b.path_to(a).id), a.public_key);
    peer.next_public_key = b.public_key;
    b.apply_peer(peer);
    EXPECT_EQ(b.device.public_key_of(b.path_to(a).id), a.public_key);
    expect_both_ways();
}

TEST_F(KeyChangeTest, cookies_are_those_of_the_key_that_was_called) {
    change_key_of_a();
    a.queue_depth = 100'000;
    clock.advance(1s);
    const std::size_t began = a.began.size();
    begin_handshake(b, before_);
    exchange();
    EXPECT_EQ(a.began.size(), began) << "b is asked for a cookie";
    pass(6s);
    EXPECT_GT(a.began.size(), began) << "and has one the next time";
}

// Ten packets a second each way, a change of key a minute, the other end told some seconds later:
// through rekeys begun by either side, under either key.
TEST_F(KeyChangeTest, no_packet_is_lost_in_an_hour_of_changes) {
    std::size_t sent = 0;
    const std::size_t at_a = a.received.size();
    const std::size_t at_b = b.received.size();
    for (int tenth = 0; tenth < 36'000; ++tenth) {
        if (tenth % 600 == 0) {
            change_key_of_a();
        }
        if (tenth % 600 == 1 + (tenth / 600) % 500) {
            tell_b();
        }
        a.send_to(b);
        b.send_to(a);
        ++sent;
        pass(100ms);
    }
    EXPECT_EQ(a.received.size(), at_a + sent);
    EXPECT_EQ(b.received.size(), at_b + sent);
    EXPECT_GT(a.device.counters().handshakes_completed, 25U);
}

}  // namespace phantom::wireguard::test
