// TCP and UDP through two tunnels, with every offload on, off, and refused while traffic flows.

#include "dataplane/tunnel_fixture.h"

namespace phantom::dataplane::test {
namespace {

constexpr std::size_t kTransferSize = 8U << 20U;

TEST_F(TunnelTest, carries_tcp_and_udp_with_every_offload) {
    start({});
    EXPECT_TRUE(udp_carries());
    EXPECT_TRUE(tcp_carries(payload(kTransferSize)));
    const Tunnel& sender = *ends_[0].tunnel;
    EXPECT_GT(
        sender.count(&ShardCounters::packets_out), 4 * sender.count(&ShardCounters::send_runs)
    ) << "GSO: several datagrams in a send";
    const Tunnel& receiver = *ends_[1].tunnel;
    EXPECT_GT(
        receiver.count(&ShardCounters::packets_in), 4 * receiver.count(&ShardCounters::tun_writes)
    ) << "coalescing: several packets in a write";
    EXPECT_EQ(receiver.count(&ShardCounters::not_authentic), 0U);
    EXPECT_EQ(receiver.count(&ShardCounters::replayed), 0U);
}

class TunnelWithout : public TunnelTest, public testing::WithParamInterface<const char*> {};

TEST_P(TunnelWithout, carries_tcp_and_udp) {
    io::Offloads offloads;
    ASSERT_TRUE(offloads.restrict_by(GetParam()));
    start(offloads);
    EXPECT_TRUE(udp_carries());
    EXPECT_TRUE(tcp_carries(payload(kTransferSize / 4)));
    EXPECT_EQ(ends_[0].tunnel->offloads(), offloads);
}

INSTANTIATE_TEST_SUITE_P(
    Offload, TunnelWithout,
    testing::Values("-tso", "-uso", "-gso", "-gro", "-tso,-uso", "-tso,-uso,-gso,-gro")
);

TEST_F(TunnelTest, falls_back_when_the_kernel_refuses_segmented_sends) {
    start({});
    ASSERT_TRUE(tcp_carries(payload(1U << 20U)));
    ends_[0].tunnel->refuse_for_test(EIO, 0);
    EXPECT_TRUE(tcp_carries(payload(kTransferSize / 4)));
    EXPECT_TRUE(udp_carries());
}

TEST_F(TunnelTest, falls_back_when_the_kernel_refuses_merged_packets) {
    start({});
    ASSERT_TRUE(tcp_carries(payload(1U << 20U)));
    ends_[1].tunnel->refuse_for_test(0, EINVAL);
    EXPECT_TRUE(tcp_carries(payload(kTransferSize / 4)));
    EXPECT_TRUE(udp_carries());
    EXPECT_GE(ends_[1].tunnel->count(&ShardCounters::merge_refused), 1U);
    EXPECT_LE(ends_[1].tunnel->count(&ShardCounters::merge_refused), 2 * kWriteRunsMax)
        << "for each protocol at most what was merged already";
}

TEST_F(TunnelTest, several_shards_carry_several_flows) {
    start({}, 4);
    for (int round = 0; round < 4; ++round) {
        EXPECT_TRUE(tcp_carries(payload(1U << 20U)));
    }
    EXPECT_TRUE(udp_carries());
    EXPECT_EQ(ends_[1].tunnel->count(&ShardCounters::no_session), 0U) << "steered to their shard";
}

TEST_F(TunnelTest, refused_configuration_changes_nothing) {
    start({});
    const io::Fd squatter(socket(AF_INET, SOCK_DGRAM, 0));
    sockaddr_storage address{};
    wire::SocketAddress any;
    any.address.family = wire::Family::kV4;
    socklen_t size = io::to_sockaddr(any, address);
    ASSERT_EQ(bind(squatter.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    ASSERT_EQ(getsockname(squatter.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
    EXPECT_TRUE(on_control([&] {
        wireguard::DeviceUpdate update;
        update.listen_port = io::from_sockaddr(address).port;
        update.replace_peers = true;
        const auto applied = ends_[0].tunnel->apply(update);
        const TunnelStatus status = ends_[0].tunnel->status();
        return !applied && applied.error().is(io::IoError::kSocketBind) &&
               applied.error().detail() == EADDRINUSE && status.listen_port == ends_[0].port &&
               status.device.peers.size() == 1;
    }));
    EXPECT_TRUE(udp_carries());
}

TEST_F(TunnelTest, moves_to_another_port_and_the_peer_follows) {
    start({});
    ASSERT_TRUE(udp_carries());
    EXPECT_TRUE(on_control([&] {
        wireguard::DeviceUpdate update;
        update.listen_port = std::uint16_t{0};
        return ends_[0].tunnel->apply(update).has_value() &&
               ends_[0].tunnel->status().listen_port != ends_[0].port;
    }));
    EXPECT_TRUE(udp_carries());
    const std::uint16_t moved = [&] {
        std::uint16_t port = 0;
        on_control([&] {
            port = ends_[0].tunnel->status().listen_port;
            return true;
        });
        return port;
    }();
    EXPECT_TRUE(eventually([&] {
        return on_control([&] {
            return ends_[1].tunnel->status().device.peers[0].endpoint->port == moved;
        });
    }));
}

TEST_F(TunnelTest, works_again_after_the_link_was_down) {
    start({});
    ASSERT_TRUE(udp_carries());
    const io::Fd control(socket(AF_INET, SOCK_DGRAM, 0));
    ifreq request{};
    ends_[0].name.copy(request.ifr_name, IFNAMSIZ - 1);
    ASSERT_EQ(ioctl(control.get(), SIOCSIFFLAGS, &request), 0);
    ASSERT_TRUE(bring_up(ends_[0].name, nullptr));
    EXPECT_TRUE(eventually([this] {
        return on_control([this] { return ends_[0].tunnel->status().listen_port != 0; });
    }));
    EXPECT_TRUE(tcp_carries(payload(1U << 20U)));
}

TEST_F(TunnelTest, drops_inner_packets_from_addresses_that_are_not_the_peers) {
    start({});
    ASSERT_TRUE(udp_carries());
    on_control([&] {
        wireguard::PeerUpdate peer;
        peer.public_key = crypto::public_key_of(ends_[0].private_key);
        peer.replace_allowed_ips = true;
        wireguard::DeviceUpdate update;
        update.peers.push_back(peer);
        return ends_[1].tunnel->apply(update).has_value();
    });
    const io::Fd receiver = application(1, SOCK_DGRAM, 5001);
    const io::Fd sender = application(0, SOCK_DGRAM, 0);
    sockaddr_storage address{};
    const socklen_t size = io::to_sockaddr(inner_address(2, 5001), address);
    ASSERT_EQ(sendto(sender.get(), "x", 1, 0, reinterpret_cast<sockaddr*>(&address), size), 1);
    EXPECT_TRUE(eventually([this] {
        return ends_[1].tunnel->count(&ShardCounters::source_not_allowed) == 1;
    }));
}

}  // namespace
}  // namespace phantom::dataplane::test
