// Three tunnels: the first and the second know no way to each other but over the third.

#include "dataplane/tunnel_fixture.h"

namespace phantom::dataplane::test {
namespace {

constexpr std::size_t kRelay = 2;
constexpr std::size_t kRelayedSize = 2U << 20U;

wire::HopId hop_of(std::size_t index) {
    return 0x0a0b0c0d0e0f00 + index;
}

class TunnelRelayTest : public TunnelTest {
  protected:
    TunnelRelayTest() { ends_ = std::vector<End>(3); }

    void start_over_relay(std::size_t queue_count, bool willing) {
        open({}, queue_count);
        on_control([&] {
            for (const std::size_t end : {0U, 1U}) {
                introduce_hop(kRelay, end, std::nullopt, willing);
                introduce_hop(end, kRelay, std::nullopt, false);
            }
            return true;
        });
        ASSERT_TRUE(eventually([this] {
            return on_control([this] { return hears(kRelay, 0) && hears(kRelay, 1); });
        })) << "a session with each";
        on_control([&] {
            const auto over = wire::relay_endpoint({.first = hop_of(kRelay), .second = 0});
            introduce_hop(0, 1, over, false);
            introduce_hop(1, 0, over, false);
            return true;
        });
    }

    void introduce_hop(
        std::size_t self, std::size_t other, std::optional<wire::SocketAddress> over, bool willing
    ) {
        wireguard::DeviceUpdate update = introduction(self, other);
        update.relaying = {.self = hop_of(self), .willing = willing};
        wireguard::PeerUpdate& peer = update.peers.front();
        peer.hop = hop_of(other);
        peer.handshake_now = other == kRelay;
        if (over) {
            peer.endpoint = over;
        }
        ASSERT_TRUE(ends_[self].tunnel->apply(update));
    }

    [[nodiscard]] bool hears(std::size_t self, std::size_t other) const {
        const auto key = crypto::public_key_of(ends_[other].private_key);
        return ends_[self].tunnel->traffic_of(key).received != Instant{};
    }

    [[nodiscard]] std::uint64_t count(std::size_t end, Counter ShardCounters::* counter) const {
        return ends_[end].tunnel->count(counter);
    }
};

TEST_F(TunnelRelayTest, carries_tcp_and_udp_over_a_third) {
    start_over_relay(1, true);
    EXPECT_TRUE(udp_carries());
    EXPECT_TRUE(tcp_carries(payload(kRelayedSize)));
    EXPECT_GE(count(kRelay, &ShardCounters::relayed), kRelayedSize / kDefaultMtu);
    EXPECT_EQ(count(kRelay, &ShardCounters::bad_relay_frame), 0U);
    EXPECT_EQ(count(1, &ShardCounters::not_authentic), 0U);
    const auto first = crypto::public_key_of(ends_[0].private_key);
    EXPECT_TRUE(on_control([&] {
        return wire::is_relay(ends_[1].tunnel->endpoint_of(first).value_or(wire::SocketAddress{}));
    })) << "the answers went over the relay too";
}

TEST_F(TunnelRelayTest, a_datagram_finds_the_shard_of_its_session) {
    start_over_relay(4, true);
    EXPECT_TRUE(udp_carries());
    EXPECT_TRUE(tcp_carries(payload(kRelayedSize)));
    EXPECT_EQ(count(1, &ShardCounters::no_session), 0U);
    EXPECT_EQ(count(1, &ShardCounters::not_authentic), 0U);
}

TEST_F(TunnelRelayTest, nothing_passes_one_that_is_not_willing) {
    start_over_relay(1, false);
    const io::Fd receiver = application(1, SOCK_DGRAM, 5001);
    const io::Fd sender = application(0, SOCK_DGRAM, 0);
    sockaddr_storage address{};
    const socklen_t size = io::to_sockaddr(inner_address(2, 5001), address);
    ASSERT_EQ(sendto(sender.get(), "x", 1, 0, reinterpret_cast<sockaddr*>(&address), size), 1);
    EXPECT_TRUE(eventually([this] { return count(kRelay, &ShardCounters::bad_relay_frame) > 0; }));
    EXPECT_EQ(count(kRelay, &ShardCounters::relayed), 0U);
    pollfd wait{.fd = receiver.get(), .events = POLLIN, .revents = 0};
    EXPECT_EQ(poll(&wait, 1, 100), 0);
}

}  // namespace
}  // namespace phantom::dataplane::test
