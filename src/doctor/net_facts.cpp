#include "doctor/net_facts.h"

#include <array>
#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "doctor/port_holder.h"
#include "io/fd.h"
#include "io/gateway.h"
#include "io/udp_address.h"

namespace phantom::doctor {

namespace {

// 0, or why not. A family that the machine does not have is no reason.
int bind_errno_of(int family, std::uint16_t port, bool is_tcp) {
    const io::Fd probe(
        socket(family, (is_tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)
    );
    if (!probe.valid()) {
        return errno == EAFNOSUPPORT ? 0 : errno;
    }
    const int one = 1;
    sockaddr_storage place{};
    place.ss_family = static_cast<sa_family_t>(family);
    socklen_t size = sizeof(sockaddr_in);
    if (family == AF_INET6) {
        (void)setsockopt(probe.get(), IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
        reinterpret_cast<sockaddr_in6&>(place).sin6_port = htons(port);
        size = sizeof(sockaddr_in6);
    } else {
        reinterpret_cast<sockaddr_in&>(place).sin_port = htons(port);
    }
    if (is_tcp) {
        // What a listener that is gone has left in TIME_WAIT is in nobody's way.
        (void)setsockopt(probe.get(), SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    }
    if (bind(probe.get(), reinterpret_cast<const sockaddr*>(&place), size) != 0 ||
        (is_tcp && listen(probe.get(), 1) != 0)) {
        return errno == EADDRNOTAVAIL ? 0 : errno;  // IPv6 is turned off
    }
    return 0;
}

}  // namespace

PortFacts read_port(std::uint16_t port, bool is_tcp, int node_pid) {
    PortFacts facts;
    facts.port = port;
    facts.is_tcp = is_tcp;
    for (const int family : {AF_INET, AF_INET6}) {
        if (facts.bind_errno == 0) {
            facts.bind_errno = bind_errno_of(family, port, is_tcp);
        }
    }
    if (facts.bind_errno == EADDRINUSE) {
        const PortHolder holder = holder_of(port, is_tcp);
        facts.is_held_by_node = node_pid != 0 && holder.pid == node_pid;
        facts.holder =
            holder.pid == 0 ? "" : fmt::format("{} (pid {})", holder.program, holder.pid);
    }
    return facts;
}

WayOutFacts read_way_out(std::uint16_t udp_port, bool is_taken) {
    WayOutFacts facts;
    const auto gateway = io::default_gateway();
    if (!gateway) {
        return facts;
    }
    facts.exists = true;
    std::array<char, IF_NAMESIZE> name{};
    if (if_indextoname(gateway->interface, name.data()) != nullptr) {
        facts.interface = name.data();
    }
    facts.mtu = io::mtu_of(gateway->interface);
    const io::Fd probe(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_in own{};
    own.sin_family = AF_INET;
    own.sin_port = htons(is_taken ? 0 : udp_port);
    // Where it cannot be bound, another port serves as well: read_port tells of it.
    (void)bind(probe.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own);
    sockaddr_storage to{};
    const socklen_t size = io::to_sockaddr({.address = gateway->address, .port = udp_port}, to);
    if (!probe.valid() ||
        sendto(probe.get(), nullptr, 0, 0, reinterpret_cast<const sockaddr*>(&to), size) < 0) {
        facts.send_errno = errno;
    }
    return facts;
}

}  // namespace phantom::doctor
