// Control frames, and sessions that carry nothing else, through real TUN devices and sockets.

#include "dataplane/tunnel_fixture.h"

namespace phantom::dataplane::test {
namespace {

// Records what one end's tunnel tells; used on the control thread only.
class Listener final : public TunnelListener {
  public:
    void on_session(const wireguard::SessionBegan& began) override { sessions.push_back(began); }
    void on_control(
        const crypto::PublicKey& peer, const wire::SocketAddress& /*from*/, wire::ControlKind kind,
        ByteView payload
    ) override {
        EXPECT_EQ(kind, wire::ControlKind::kMesh);
        frames.emplace_back(peer, std::vector<std::uint8_t>(payload.begin(), payload.end()));
    }
    std::vector<wireguard::SessionBegan> sessions;
    std::vector<std::pair<crypto::PublicKey, std::vector<std::uint8_t>>> frames;
};

class TunnelControlTest : public TunnelTest {
  protected:
    void SetUp() override {
        TunnelTest::SetUp();
        if (!IsSkipped()) {
            start({});
            on_control([this] {
                ends_[0].tunnel->set_listener(&listeners_[0]);
                ends_[1].tunnel->set_listener(&listeners_[1]);
                return true;
            });
            random_.fill(bootstrap_.bytes());
            random_.fill(agreed_.bytes());
        }
    }
    void TearDown() override {
        stop();
        for (End& end : ends_) {
            if (end.tunnel) {
                end.tunnel->set_listener(nullptr);
            }
        }
        TunnelTest::TearDown();
    }
    crypto::PublicKey key_of(std::size_t index) {
        return crypto::public_key_of(ends_[index].private_key);
    }
    void change(std::size_t self, bool handshake, std::vector<wireguard::PresharedKey> keys) {
        on_control([&] {
            wireguard::PeerUpdate peer;
            peer.public_key = key_of(1 - self);
            peer.preshared_keys = std::move(keys);
            peer.handshake_now = handshake;
            wireguard::DeviceUpdate update;
            update.peers.push_back(std::move(peer));
            return ends_[self].tunnel->apply(update).has_value();
        });
    }
    bool began(std::size_t count, bool control_only) {
        return eventually([&] {
            return on_control([&] {
                return std::ranges::all_of(listeners_, [&](const Listener& each) {
                    return each.sessions.size() == count &&
                           each.sessions.back().control_only == control_only;
                });
            });
        });
    }

    std::array<Listener, 2> listeners_;
    crypto::Key bootstrap_;
    crypto::Key agreed_;
};

TEST_F(TunnelControlTest, control_frames_of_every_size_arrive_with_their_sender) {
    EXPECT_FALSE(on_control([&] {
        return ends_[0].tunnel->send_control(key_of(1), wire::ControlKind::kMesh, {});
    })) << "no session yet";
    change(0, true, {{bootstrap_, true}});
    change(1, false, {{bootstrap_, true}});
    ASSERT_TRUE(began(1, true));
    EXPECT_EQ(listeners_[0].sessions[0].handshake_hash, listeners_[1].sessions[0].handshake_hash);
    std::size_t sent = 0;
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{1}, std::size_t{12}, std::size_t{13}, std::size_t{1000},
          wire::kControlPayloadSizeMax}) {
        const auto bytes = payload(size);
        ASSERT_TRUE(on_control([&] {
            return ends_[0].tunnel->send_control(key_of(1), wire::ControlKind::kMesh, bytes);
        }));
        ++sent;
        ASSERT_TRUE(eventually([&] {
            return on_control([&] { return listeners_[1].frames.size() == sent; });
        }));
        EXPECT_EQ(listeners_[1].frames.back().first, key_of(0));
        EXPECT_EQ(listeners_[1].frames.back().second, bytes);
    }
}

TEST_F(TunnelControlTest, no_packet_of_a_user_crosses_before_a_key_is_agreed) {
    change(0, true, {{bootstrap_, true}});
    change(1, false, {{bootstrap_, true}});
    ASSERT_TRUE(began(1, true));
    const io::Fd receiver = application(1, SOCK_DGRAM, 5001);
    const io::Fd sender = application(0, SOCK_DGRAM, 0);
    sockaddr_storage address{};
    const socklen_t size = io::to_sockaddr(inner_address(2, 5001), address);
    ASSERT_EQ(sendto(sender.get(), "early", 5, 0, reinterpret_cast<sockaddr*>(&address), size), 5);
    ASSERT_TRUE(eventually([&] { return ends_[0].tunnel->count(&ShardCounters::staged) > 0; }));
    pollfd wait{.fd = receiver.get(), .events = POLLIN, .revents = 0};
    EXPECT_EQ(poll(&wait, 1, 300), 0);
    // Agreed: what waited goes out first.
    change(1, false, {{agreed_}, {bootstrap_, true}});
    change(0, true, {{agreed_}, {bootstrap_, true}});
    ASSERT_TRUE(began(2, false));
    ASSERT_TRUE(readable(receiver.get()));
    std::array<char, 16> got{};
    EXPECT_EQ(recv(receiver.get(), got.data(), got.size(), 0), 5);
    EXPECT_STREQ(got.data(), "early");
}

}  // namespace
}  // namespace phantom::dataplane::test
