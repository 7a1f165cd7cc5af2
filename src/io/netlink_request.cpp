#include "io/netlink_request.h"

#include <array>

#include <libmnl/libmnl.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "io/link.h"

namespace phantom::io {

Result<int> link_index(int tun_fd) {
    ifreq request{};
    if (ioctl(tun_fd, TUNGETIFF, &request) != 0) {
        return fail_errno(IoError::kTunGone);
    }
    const Fd control = PM_TRY(socket_beside(tun_fd, AF_INET, SOCK_DGRAM, 0));
    if (ioctl(control.get(), SIOCGIFINDEX, &request) != 0) {
        return fail_errno(IoError::kLink);
    }
    return request.ifr_ifindex;
}

Status ask_kernel(int tun_fd, const nlmsghdr* header) {
    auto beside = socket_beside(tun_fd, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
    // The interface may be gone by the time that what was made for it is taken away.
    const Fd netlink = beside ? std::move(*beside)
                              : Fd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
    if (!netlink.valid() || send(netlink.get(), header, header->nlmsg_len, 0) < 0) {
        return fail_errno(IoError::kNetlink);
    }
    std::array<std::uint8_t, 2 * kRequestSize> buffer;
    const ssize_t got = recv(netlink.get(), buffer.data(), buffer.size(), 0);
    if (got < 0) {
        return fail_errno(IoError::kNetlink);
    }
    const auto size = static_cast<std::size_t>(got);
    if (mnl_cb_run(buffer.data(), size, 0, 0, nullptr, nullptr) < 0) {
        return fail_errno(IoError::kLink);
    }
    return {};
}

}  // namespace phantom::io
