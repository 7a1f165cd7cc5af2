#include "daemon/lan_beacons.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "io/udp_address.h"

namespace phantom::daemon {

namespace {

constexpr int kBeaconReadsMax = 16;  // in one turn of the loop
constexpr std::size_t kBeaconReadSize = 128;

bool set_option(int fd, int level, int name, const auto& value) {
    return setsockopt(fd, level, name, &value, sizeof value) == 0;
}

// Joins on this interface, hears of no other, sends there, and no further than the link.
bool join_v4(int fd, int interface) {
    ip_mreqn group{};
    sockaddr_storage address{};
    io::to_sockaddr(reach::beacon_group_v4(), address);
    group.imr_multiaddr = reinterpret_cast<const sockaddr_in&>(address).sin_addr;
    group.imr_ifindex = interface;
    const int none = 0;
    const int one = 1;
    return set_option(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, group) &&
           set_option(fd, IPPROTO_IP, IP_MULTICAST_ALL, none) &&
           set_option(fd, IPPROTO_IP, IP_MULTICAST_IF, group) &&
           set_option(fd, IPPROTO_IP, IP_MULTICAST_TTL, one);
}

bool join_v6(int fd, int interface) {
    ipv6_mreq group{};
    sockaddr_storage address{};
    io::to_sockaddr(reach::beacon_group_v6(), address);
    group.ipv6mr_multiaddr = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
    group.ipv6mr_interface = static_cast<unsigned>(interface);
    const int one = 1;
    return set_option(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, group) &&
           set_option(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, interface) &&
           set_option(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, one);
}

wire::SocketAddress group_on(int interface, wire::Family family) {
    if (family == wire::Family::kV4) {
        return reach::beacon_group_v4();
    }
    wire::SocketAddress group = reach::beacon_group_v6();
    group.scope = static_cast<std::uint32_t>(interface);
    return group;
}

}  // namespace

LanBeacons::LanBeacons(io::EventLoop& loop, Random& random, Membership membership, Heard heard)
    : loop_(loop),
      random_(random),
      membership_(std::move(membership)),
      heard_(std::move(heard)),
      discovery_(membership_.shared, membership_.self) {}

LanBeacons::~LanBeacons() {
    while (!sockets_.empty()) {
        close(sockets_.begin()->first);
    }
}

std::vector<LanBeacons::Place> LanBeacons::list_places() const {
    ifaddrs* listed = nullptr;
    if (getifaddrs(&listed) != 0) {
        return {};
    }
    const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owned(listed, freeifaddrs);
    std::vector<Place> places;
    for (const ifaddrs* each = listed; each != nullptr; each = each->ifa_next) {
        constexpr unsigned kNeeded = IFF_UP | IFF_MULTICAST;
        constexpr unsigned kRefused = IFF_LOOPBACK | IFF_POINTOPOINT;
        if (each->ifa_addr == nullptr || (each->ifa_flags & kNeeded) != kNeeded ||
            (each->ifa_flags & kRefused) != 0 || membership_.interface == each->ifa_name ||
            (each->ifa_addr->sa_family != AF_INET && each->ifa_addr->sa_family != AF_INET6)) {
            continue;
        }
        const Place place{
            static_cast<int>(if_nametoindex(each->ifa_name)),
            each->ifa_addr->sa_family == AF_INET ? wire::Family::kV4 : wire::Family::kV6,
        };
        if (std::ranges::find(places, place) == places.end() && places.size() < kBeaconSocketsMax) {
            places.push_back(place);
        }
    }
    return places;
}

void LanBeacons::follow_interfaces(Instant now) {
    const std::vector<Place> places = list_places();
    std::vector<Place> gone;
    for (const auto& [place, fd] : sockets_) {
        if (std::ranges::find(places, place) == places.end()) {
            gone.push_back(place);
        }
    }
    std::ranges::for_each(gone, [this](const Place& place) { close(place); });
    bool any_new = false;
    for (const Place& place : places) {
        if (!sockets_.contains(place)) {
            open(place);
            any_new = any_new || sockets_.contains(place);
        }
    }
    if (any_new) {
        discovery_.begin(now);
    }
}

// Where it cannot be opened it is tried again with the next look.
void LanBeacons::open(const Place& place) {
    const bool is_v4 = place.family == wire::Family::kV4;
    io::Fd fd(socket(is_v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    sockaddr_storage address{};
    const socklen_t size = io::to_sockaddr(group_on(place.interface, place.family), address);
    const int one = 1;
    // Several nodes of one machine hear the same group.
    if (!fd.valid() || !set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR, one) ||
        bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
        !(is_v4 ? join_v4(fd.get(), place.interface) : join_v6(fd.get(), place.interface)) ||
        !loop_.add(fd.get(), [this, raw = fd.get()] { read(raw); })) {
        return;
    }
    sockets_.emplace(place, std::move(fd));
}

void LanBeacons::close(const Place& place) {
    const auto at = sockets_.find(place);
    loop_.remove(at->second.get());
    sockets_.erase(at);
}

void LanBeacons::tick(Instant now) {
    if (sockets_.empty() || !discovery_.due(now, random_)) {
        return;
    }
    const reach::EncodedBeacon beacon = discovery_.say(membership_.port, wall_now());
    for (const auto& [place, fd] : sockets_) {
        sockaddr_storage to{};
        const socklen_t size = io::to_sockaddr(group_on(place.interface, place.family), to);
        (void)sendto(
            fd.get(), beacon.data(), beacon.size(), MSG_NOSIGNAL,
            reinterpret_cast<const sockaddr*>(&to), size
        );
    }
}

void LanBeacons::read(int fd) {
    std::array<std::uint8_t, kBeaconReadSize> buffer;
    for (int reads = 0; reads < kBeaconReadsMax; ++reads) {
        sockaddr_storage from{};
        socklen_t from_size = sizeof from;
        const ssize_t got = recvfrom(
            fd, buffer.data(), buffer.size(), 0, reinterpret_cast<sockaddr*>(&from), &from_size
        );
        if (got < 0) {
            return;
        }
        const auto heard = discovery_.hear(
            io::from_sockaddr(from), ByteView(buffer).first(static_cast<std::size_t>(got)),
            monotonic_now(), wall_now()
        );
        if (heard) {
            heard_(*heard);
        }
    }
}

}  // namespace phantom::daemon
