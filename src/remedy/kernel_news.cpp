#include "remedy/kernel_news.h"

#include <cerrno>
#include <cstdint>

#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "remedy/errors.h"

namespace phantom::remedy {

namespace {

// Messages read in one turn: what a flood of them says is "look", whatever the rest.
constexpr int kNewsAtOnce = 256;

Result<io::Fd> listen_to(int protocol, std::initializer_list<int> groups) {
    io::Fd netlink(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol));
    sockaddr_nl own{};
    own.nl_family = AF_NETLINK;
    if (!netlink.valid() ||
        ::bind(netlink.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0) {
        return fail_with_errno(RemedyError::kFirewallSocket);
    }
    for (const int group : groups) {
        if (setsockopt(netlink.get(), SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) !=
            0) {
            return fail_with_errno(RemedyError::kFirewallSocket);
        }
    }
    return netlink;
}

void drain_socket(int netlink) {
    std::array<std::uint8_t, 4'096> buffer;
    for (int count = 0; count < kNewsAtOnce; ++count) {
        if (::recv(netlink, buffer.data(), buffer.size(), MSG_TRUNC) < 0 && errno != ENOBUFS) {
            return;
        }
    }
}

}  // namespace

Result<KernelNews> KernelNews::open() {
    return KernelNews(
        PM_TRY(listen_to(NETLINK_NETFILTER, {NFNLGRP_NFTABLES})),
        PM_TRY(listen_to(
            NETLINK_ROUTE,
            {RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_RULE}
        ))
    );
}

void KernelNews::drain() {
    drain_socket(firewall_.get());
    drain_socket(routes_.get());
}

}  // namespace phantom::remedy
