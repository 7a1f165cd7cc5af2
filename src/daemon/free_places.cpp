#include "daemon/free_places.h"

#include <array>
#include <cstring>
#include <memory>
#include <string_view>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <ifaddrs.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "daemon/run_options.h"
#include "identity/codec.h"
#include "io/fd.h"
#include "io/udp_address.h"

namespace phantom::daemon {

namespace {

constexpr std::string_view kTunDriver = "tun";

bool can_bind(int family, std::uint16_t port) {
    const io::Fd socket_fd(socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!socket_fd.valid()) {
        return true;  // a machine without this family
    }
    const int one = 1;
    sockaddr_storage place{};
    socklen_t size = sizeof(sockaddr_in);
    place.ss_family = static_cast<sa_family_t>(family);
    if (family == AF_INET6) {
        (void)setsockopt(socket_fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
        reinterpret_cast<sockaddr_in6&>(place).sin6_port = htons(port);
        size = sizeof(sockaddr_in6);
    } else {
        reinterpret_cast<sockaddr_in&>(place).sin_port = htons(port);
    }
    return bind(socket_fd.get(), reinterpret_cast<const sockaddr*>(&place), size) == 0;
}

}  // namespace

std::string free_interface() {
    for (int number = 0; number < kMeshesTriedMax; ++number) {
        std::string name = fmt::format("phantom{}", number);
        if (if_nametoindex(name.c_str()) == 0) {
            return name;
        }
    }
    return kDefaultInterface;
}

std::uint16_t free_udp_port() {
    for (int number = 0; number < kMeshesTriedMax; ++number) {
        const auto port = static_cast<std::uint16_t>(kDefaultListenPort + number);
        if (can_bind(AF_INET, port) && can_bind(AF_INET6, port)) {
            return port;
        }
    }
    return kDefaultListenPort;
}

std::string other_owner_of_overlay_v4(const std::string& own) {
    ifaddrs* listed = nullptr;
    if (getifaddrs(&listed) != 0) {
        return {};
    }
    const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owned(listed, freeifaddrs);
    for (const ifaddrs* each = listed; each != nullptr; each = each->ifa_next) {
        if (each->ifa_addr == nullptr || each->ifa_addr->sa_family != AF_INET ||
            own == each->ifa_name) {
            continue;
        }
        sockaddr_storage storage{};
        std::memcpy(&storage, each->ifa_addr, sizeof(sockaddr_in));
        if (identity::is_overlay_v4(io::from_sockaddr(storage).address) &&
            is_tunnel_interface(each->ifa_name)) {
            return each->ifa_name;
        }
    }
    return {};
}

bool is_tunnel_interface(const char* interface) {
    const io::Fd socket_fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ethtool_drvinfo driver{};
    driver.cmd = ETHTOOL_GDRVINFO;
    ifreq request{};
    (void)std::strncpy(&request.ifr_name[0], interface, IFNAMSIZ - 1);
    request.ifr_data = reinterpret_cast<char*>(&driver);
    return socket_fd.valid() && ioctl(socket_fd.get(), SIOCETHTOOL, &request) == 0 &&
           kTunDriver == &driver.driver[0];
}

}  // namespace phantom::daemon
