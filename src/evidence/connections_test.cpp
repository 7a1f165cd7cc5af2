#include "evidence/connections.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>

#include "evidence/system_state.h"
#include "io/fd.h"

namespace phantom::evidence {
namespace {

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in place{};
    place.sin_family = AF_INET;
    place.sin_port = htons(port);
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return place;
}

const sockaddr* as_sockaddr(const sockaddr_in& place) {
    return reinterpret_cast<const sockaddr*>(&place);
}

// A TCP connection that stays open and a datagram that nobody takes, in a namespace that tracks them.
struct Traffic {
    io::Fd listener{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    io::Fd caller{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    io::Fd sender{::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0)};

    [[nodiscard]] bool run() const {
        const sockaddr_in place = loopback(4'022);
        sockaddr_in6 nobody{};
        nobody.sin6_family = AF_INET6;
        nobody.sin6_port = htons(4'053);
        nobody.sin6_addr = in6addr_loopback;
        return ::bind(listener.get(), as_sockaddr(place), sizeof place) == 0 &&
               ::listen(listener.get(), 1) == 0 &&
               ::connect(caller.get(), as_sockaddr(place), sizeof place) == 0 &&
               ::sendto(
                   sender.get(), "x", 1, 0, reinterpret_cast<const sockaddr*>(&nobody),
                   sizeof nobody
               ) == 1;
    }
};

constexpr const char* kTracks =
    "ip link set lo up && nft 'add table inet t;"
    " add chain inet t c { type filter hook input priority 0; };"
    " add rule inet t c ct state established counter' 2>/dev/null";

struct Outcome {
    std::string missing;  // why there was nothing to be seen
    std::string problem;
    std::vector<TrackedConnection> all;
    std::size_t when_stopped = 0;
    Collected collected;
};

// In a thread of its own: the namespace is one thread's.
Outcome look_into_a_namespace() {
    Outcome outcome;
    std::thread([&outcome] {
        if (unshare(CLONE_NEWNET) != 0) {
            outcome.missing = "a network namespace needs root";
            return;
        }
        // NOLINTNEXTLINE(cert-env33-c): a command of ours, as it stands here
        if (std::system(kTracks) != 0) {
            outcome.missing = "connection tracking needs nft, ip and the kernel's nf_conntrack";
            return;
        }
        const Traffic traffic;
        if (!traffic.run()) {
            outcome.problem = "no traffic";
            return;
        }
        outcome.problem = visit_connections([&](const TrackedConnection& each) {
            outcome.all.push_back(each);
            return true;
        });
        (void)visit_connections([&](const TrackedConnection& /*each*/) {
            ++outcome.when_stopped;
            return false;
        });
        outcome.collected = collect_connections();
    }).join();
    return outcome;
}

TEST(Connections, are_those_that_the_kernel_tracks) {
    const Outcome outcome = look_into_a_namespace();
    if (!outcome.missing.empty()) {
        GTEST_SKIP() << outcome.missing;
    }
    ASSERT_EQ(outcome.problem, "");
    const auto to = [&](std::uint16_t port) {
        return std::ranges::find_if(outcome.all, [&](const TrackedConnection& each) {
            return each.there.destination.port == port;
        });
    };
    const auto tcp = to(4'022);
    ASSERT_NE(tcp, outcome.all.end());
    EXPECT_EQ(tcp->there.protocol, IPPROTO_TCP);
    EXPECT_EQ(tcp->there.source.address.to_string(), "127.0.0.1");
    EXPECT_EQ(tcp->back.source.port, 4'022);
    EXPECT_EQ(tcp->back.destination.port, tcp->there.source.port);
    EXPECT_TRUE(tcp->is_open);
    EXPECT_GT(tcp->left_s, 60U);
    const auto udp = to(4'053);
    ASSERT_NE(udp, outcome.all.end());
    EXPECT_EQ(udp->there.protocol, IPPROTO_UDP);
    EXPECT_EQ(udp->there.destination.address.to_string(), "::1");
    EXPECT_EQ(outcome.when_stopped, 1U);
    EXPECT_NE(
        outcome.collected.content.find("proto 6 src 127.0.0.1 dst 127.0.0.1 sport "),
        std::string::npos
    ) << outcome.collected.content;
    EXPECT_EQ(outcome.collected.note, "");
}

}  // namespace
}  // namespace phantom::evidence
