#include "io/link.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <thread>

#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "io/netlink_request.h"

namespace phantom::io {

namespace {

Result<Fd> device_namespace(int tun_fd) {
    Fd fd(ioctl(tun_fd, TUNGETDEVNETNS));
    if (!fd.valid()) {
        return fail_errno(IoError::kNamespace);
    }
    return fd;
}

std::uint64_t inode_of(int fd) {
    struct stat info{};
    return fstat(fd, &info) == 0 ? info.st_ino : 0;
}

std::uint64_t own_namespace_inode() {
    struct stat info{};
    return stat("/proc/thread-self/ns/net", &info) == 0 ? info.st_ino : 0;
}

// A thread of its own, because setns(2) changes only the calling thread, which then ends.
Result<Fd> socket_in(int namespace_fd, int family, int type, int protocol) {
    int made = -1;
    int error = 0;
    std::thread([&] {
        if (setns(namespace_fd, CLONE_NEWNET) != 0) {
            error = errno;
            return;
        }
        made = socket(family, type | SOCK_CLOEXEC, protocol);
        error = errno;
    }).join();
    if (made < 0) {
        errno = error;
        return fail_errno(IoError::kNamespace);
    }
    return Fd(made);
}

Result<Fd> subscribe(Fd fd, std::uint32_t groups) {
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    address.nl_groups = groups;
    if (bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        fcntl(fd.get(), F_SETFL, O_NONBLOCK) != 0) {
        return fail_errno(IoError::kNetlink);
    }
    return fd;
}

// What the messages say is not looked at: they only tell when to look.
bool drain_netlink(int fd) {
    std::array<std::uint8_t, 8192> buffer;
    bool any = false;
    for (;;) {
        const ssize_t got = recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (got > 0 || (got < 0 && (errno == ENOBUFS || errno == EINTR))) {
            any = true;
            continue;
        }
        return any;
    }
}

Result<ifreq> named_request(int tun_fd) {
    ifreq request{};
    if (ioctl(tun_fd, TUNGETIFF, &request) != 0) {
        return fail_errno(IoError::kTunGone);
    }
    return request;
}

// A change of the link, to be filled in; it lies in `buffer`.
Result<nlmsghdr*> link_request(int tun_fd, std::array<std::uint8_t, kRequestSize>& buffer) {
    const int index = PM_TRY(link_index(tun_fd));
    nlmsghdr* header = mnl_nlmsg_put_header(buffer.data());
    header->nlmsg_type = RTM_NEWLINK;
    header->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
    auto* link = static_cast<ifinfomsg*>(mnl_nlmsg_put_extra_header(header, sizeof(ifinfomsg)));
    link->ifi_family = AF_UNSPEC;
    link->ifi_index = index;
    return header;
}

}  // namespace

Result<Fd> socket_beside(int tun_fd, int family, int type, int protocol) {
    const Fd device = PM_TRY(device_namespace(tun_fd));
    if (inode_of(device.get()) == own_namespace_inode()) {
        Fd fd(socket(family, type | SOCK_CLOEXEC, protocol));
        return fd.valid() ? Result<Fd>(std::move(fd)) : fail_errno(IoError::kSocketOpen);
    }
    return socket_in(device.get(), family, type, protocol);
}

Result<std::string> link_name(int tun_fd) {
    const ifreq request = PM_TRY(named_request(tun_fd));
    return std::string(request.ifr_name);
}

Status set_mtu(int tun_fd, std::uint32_t mtu) {
    ifreq request = PM_TRY(named_request(tun_fd));
    const Fd control = PM_TRY(socket_beside(tun_fd, AF_INET, SOCK_DGRAM, 0));
    request.ifr_mtu = static_cast<int>(mtu);
    if (ioctl(control.get(), SIOCSIFMTU, &request) != 0) {
        return fail_errno(IoError::kLink);
    }
    return {};
}

Status set_queue_limits(int tun_fd, const QueueLimits& limits) {
    std::array<std::uint8_t, kRequestSize> buffer;
    nlmsghdr* header = PM_TRY(link_request(tun_fd, buffer));
    mnl_attr_put_u32(header, IFLA_TXQLEN, limits.transmit_queue_length);
    mnl_attr_put_u32(header, IFLA_GSO_MAX_SEGS, limits.gso_segments_max);
    return ask_kernel(tun_fd, header);
}

Status bring_up(int tun_fd) {
    std::array<std::uint8_t, kRequestSize> buffer;
    nlmsghdr* header = PM_TRY(link_request(tun_fd, buffer));
    auto* link = static_cast<ifinfomsg*>(mnl_nlmsg_get_payload(header));
    link->ifi_flags = IFF_UP;
    link->ifi_change = IFF_UP;
    return ask_kernel(tun_fd, header);
}

Status add_address(int tun_fd, const wire::Address& address, std::uint8_t prefix_length) {
    std::array<std::uint8_t, kRequestSize> buffer;
    const int index = PM_TRY(link_index(tun_fd));
    const bool v4 = address.family == wire::Family::kV4;
    nlmsghdr* header = mnl_nlmsg_put_header(buffer.data());
    header->nlmsg_type = RTM_NEWADDR;
    header->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE;
    auto* made = static_cast<ifaddrmsg*>(mnl_nlmsg_put_extra_header(header, sizeof(ifaddrmsg)));
    made->ifa_family = v4 ? AF_INET : AF_INET6;
    made->ifa_prefixlen = prefix_length;
    // Nobody else on a point-to-point link can have it: usable at once.
    made->ifa_flags = v4 ? 0 : IFA_F_NODAD;
    made->ifa_index = static_cast<unsigned>(index);
    mnl_attr_put(header, IFA_LOCAL, address.size_bytes(), address.bytes.data());
    mnl_attr_put(header, IFA_ADDRESS, address.size_bytes(), address.bytes.data());
    return ask_kernel(tun_fd, header);
}

Result<LinkMonitor> LinkMonitor::open(int tun_fd) {
    LinkMonitor monitor(tun_fd, Fd());
    if (!monitor.follow()) {
        return fail_errno(IoError::kNetlink);
    }
    return monitor;
}

bool LinkMonitor::follow() {
    const auto device = device_namespace(tun_fd_);
    if (!device) {
        return false;
    }
    const std::uint64_t inode = inode_of(device->get());
    if (inode == namespace_inode_) {
        return true;
    }
    auto opened = socket_beside(tun_fd_, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
    if (!opened) {
        return false;
    }
    auto subscribed = subscribe(std::move(*opened), RTMGRP_LINK);
    if (!subscribed) {
        return false;
    }
    events_ = std::move(*subscribed);
    namespace_inode_ = inode;
    return true;
}

LinkState LinkMonitor::refresh() {
    (void)drain_netlink(events_.get());
    LinkState state;
    // The interface can move again while we follow it: a few rounds, then the next event decides.
    constexpr int kFollowAttemptsMax = 4;
    for (int attempt = 0; attempt < kFollowAttemptsMax; ++attempt) {
        auto request = named_request(tun_fd_);
        if (!request) {
            return state;
        }
        state.exists = true;
        if (!follow()) {
            continue;
        }
        const auto control = socket_beside(tun_fd_, AF_INET, SOCK_DGRAM, 0);
        if (!control || ioctl(control->get(), SIOCGIFFLAGS, &*request) != 0) {
            continue;
        }
        state.up = (request->ifr_flags & IFF_UP) != 0;
        if (ioctl(control->get(), SIOCGIFMTU, &*request) == 0) {
            state.mtu = static_cast<std::uint32_t>(request->ifr_mtu);
        }
        return state;
    }
    return state;
}

Result<RouteMonitor> RouteMonitor::open() {
    Fd fd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
    if (!fd.valid()) {
        return fail_errno(IoError::kNetlink);
    }
    return RouteMonitor(PM_TRY(subscribe(
        std::move(fd),
        RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE
    )));
}

bool RouteMonitor::drain() {
    return drain_netlink(events_.get());
}

}  // namespace phantom::io
