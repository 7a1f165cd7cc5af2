#include "daemon/own_endpoints.h"

#include <cstring>
#include <memory>

#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <sys/socket.h>

#include "daemon/free_places.h"
#include "io/udp_address.h"

namespace phantom::daemon {

namespace {

wire::SocketAddress value_of(const sockaddr& address) {
    sockaddr_storage storage{};
    std::memcpy(
        &storage, &address,
        address.sa_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6)
    );
    return io::from_sockaddr(storage);
}

bool is_link_local(const wire::Address& address) {
    return address.family == wire::Family::kV6
               ? address.bytes[0] == 0xfe && (address.bytes[1] & 0xc0U) == 0x80
               : address.bytes[0] == 169 && address.bytes[1] == 254;
}

}  // namespace

std::vector<wire::SocketAddress> own_endpoints(std::uint16_t port, const std::string& except) {
    ifaddrs* listed = nullptr;
    if (getifaddrs(&listed) != 0) {
        return {};
    }
    const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owned(listed, freeifaddrs);
    std::vector<wire::SocketAddress> endpoints;
    std::vector<wire::SocketAddress> v6;
    for (const ifaddrs* each = listed; each != nullptr; each = each->ifa_next) {
        if (each->ifa_addr == nullptr || (each->ifa_flags & IFF_LOOPBACK) != 0 ||
            (each->ifa_flags & IFF_UP) == 0 || except == each->ifa_name ||
            (each->ifa_addr->sa_family != AF_INET && each->ifa_addr->sa_family != AF_INET6)) {
            continue;
        }
        // Members need not know what other tunnels this machine is in.
        if (is_tunnel_interface(each->ifa_name)) {
            continue;
        }
        wire::SocketAddress endpoint = value_of(*each->ifa_addr);
        if (is_link_local(endpoint.address)) {
            continue;
        }
        endpoint.port = port;
        endpoint.scope = 0;
        (endpoint.address.family == wire::Family::kV4 ? endpoints : v6).push_back(endpoint);
    }
    endpoints.insert(endpoints.end(), v6.begin(), v6.end());
    return endpoints;
}

std::vector<wire::SocketAddress> look_up(const std::string& host, std::uint16_t port) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_DGRAM;
    addrinfo* found = nullptr;
    if (getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) {
        return {};
    }
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owned(found, freeaddrinfo);
    std::vector<wire::SocketAddress> endpoints;
    for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
        wire::SocketAddress endpoint = value_of(*each->ai_addr);
        endpoint.port = port;
        endpoints.push_back(endpoint);
    }
    return endpoints;
}

}  // namespace phantom::daemon
