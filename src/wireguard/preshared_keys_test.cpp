// Several pre-shared keys at once: two ends that change them at different moments, or that lose
// theirs, still agree on a session, and know which sessions may carry a user's packets.

#include "wireguard/preshared_keys.h"

#include "wireguard/device_fixture.h"

namespace phantom::wireguard::test {
namespace {

class PresharedKeysTest : public DeviceTest {
  protected:
    PresharedKeysTest() {
        for (crypto::Key* key : {&bootstrap_, &old_, &fresh_}) {
            a.random.fill(key->bytes());
        }
    }
    static void give(Host& host, const Host& peer, std::vector<PresharedKey> keys) {
        change_peer(host, peer, [&](PeerUpdate& update) {
            update.preshared_keys = std::move(keys);
        });
    }
    static void handshake(Host& host, const Host& peer) {
        change_peer(host, peer, [](PeerUpdate& update) { update.handshake_now = true; });
        host.tick();
    }
    // A handshake that `a` begins; both ends must have seen its session begin.
    void agree() {
        a.began.clear();
        b.began.clear();
        clock.advance(100ms);
        handshake(a, b);
        exchange();
        ASSERT_EQ(a.began.size(), 1U);
        ASSERT_EQ(b.began.size(), 1U);
        EXPECT_TRUE(a.began[0].initiator);
        EXPECT_FALSE(b.began[0].initiator);
        EXPECT_EQ(a.began[0].handshake_hash, b.began[0].handshake_hash);
        EXPECT_EQ(a.began[0].control_only, b.began[0].control_only);
        EXPECT_EQ(a.began[0].preshared_key_label, b.began[0].preshared_key_label);
    }

    crypto::Key bootstrap_;
    crypto::Key old_;
    crypto::Key fresh_;
};

TEST_F(PresharedKeysTest, initiator_understands_an_answer_with_any_of_its_keys) {
    give(a, b, {{fresh_, false, 7}, {old_, false, 8}, {bootstrap_, true}});
    for (const auto& [key, label] : {std::pair(fresh_, 7U), std::pair(old_, 8U)}) {
        give(b, a, {{key, false, label}, {bootstrap_, true}});
        agree();
        EXPECT_FALSE(a.began[0].control_only);
        EXPECT_EQ(a.began[0].preshared_key_label, label);
    }
}

TEST_F(PresharedKeysTest, responder_that_lost_its_keys_gets_a_session_for_control_only) {
    give(a, b, {{fresh_}, {old_}, {bootstrap_, true}});
    give(b, a, {{bootstrap_, true}});
    agree();
    EXPECT_TRUE(a.began[0].control_only);
    EXPECT_TRUE(sending(a, b)->control_only());
    EXPECT_TRUE(sending(b, a)->control_only());
}

TEST_F(PresharedKeysTest, initiator_that_lost_its_keys_says_so_and_is_answered_at_once) {
    give(a, b, {{bootstrap_, true}});
    give(b, a, {{fresh_}, {old_}, {bootstrap_, true}});
    agree();
    EXPECT_TRUE(b.began[0].control_only);
}

TEST_F(PresharedKeysTest, session_with_an_agreed_key_replaces_the_one_for_control) {
    give(a, b, {{bootstrap_, true}});
    give(b, a, {{bootstrap_, true}});
    agree();
    give(a, b, {{fresh_}, {bootstrap_, true}});
    give(b, a, {{fresh_}, {bootstrap_, true}});
    agree();
    EXPECT_FALSE(sending(a, b)->control_only());
    EXPECT_FALSE(sending(b, a)->control_only());
}

TEST_F(PresharedKeysTest, keys_that_have_nothing_in_common_make_no_session) {
    give(a, b, {{old_}});
    give(b, a, {{fresh_}});
    handshake(a, b);
    exchange();
    EXPECT_TRUE(a.began.empty());
    EXPECT_EQ(a.device.counters().bad_handshakes, 1U);
}

TEST_F(PresharedKeysTest, handshake_now_waits_for_no_timer) {
    establish();
    const std::uint64_t before = a.device.counters().handshakes_completed;
    clock.advance(100ms);
    handshake(a, b);
    exchange();
    EXPECT_EQ(a.device.counters().handshakes_completed, before + 1);
}

TEST_F(PresharedKeysTest, stock_timestamp_is_never_marked) {
    const Tai64n stock = Tai64n::at({1'700'000'000'123'456'789});
    EXPECT_FALSE(stock.is_marked());
    EXPECT_TRUE(stock.marked().is_marked());
    EXPECT_GT(stock.marked(), stock);
    EXPECT_GT(stock.next(), stock.marked());
    EXPECT_FALSE(stock.marked().next().is_marked());
}

}  // namespace
}  // namespace phantom::wireguard::test
