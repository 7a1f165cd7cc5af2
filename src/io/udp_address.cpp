#include "io/udp_address.h"

#include <cstring>

#include <netinet/udp.h>

namespace phantom::io {

namespace {

template <class T>
void append(msghdr& message, int level, int type, const T& value) {
    auto* at = reinterpret_cast<cmsghdr*>(
        static_cast<std::uint8_t*>(message.msg_control) + message.msg_controllen
    );
    at->cmsg_level = level;
    at->cmsg_type = type;
    at->cmsg_len = CMSG_LEN(sizeof(T));
    std::memcpy(CMSG_DATA(at), &value, sizeof value);
    message.msg_controllen += CMSG_SPACE(sizeof(T));
}

template <class T>
T value_of(const cmsghdr* control) {
    T value{};
    std::memcpy(&value, CMSG_DATA(control), sizeof value);
    return value;
}

bool is_link_local(const wire::Address& address) {
    return address.family == wire::Family::kV6 && address.bytes[0] == 0xfe &&
           (address.bytes[1] & 0xc0U) == 0x80;
}

}  // namespace

socklen_t to_sockaddr(const wire::SocketAddress& from, sockaddr_storage& out) {
    if (from.address.family == wire::Family::kV4) {
        sockaddr_in v4{};
        v4.sin_family = AF_INET;
        v4.sin_port = htons(from.port);
        std::memcpy(&v4.sin_addr, from.address.bytes.data(), sizeof v4.sin_addr);
        std::memcpy(&out, &v4, sizeof v4);
        return sizeof v4;
    }
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(from.port);
    v6.sin6_scope_id = from.scope;
    std::memcpy(&v6.sin6_addr, from.address.bytes.data(), sizeof v6.sin6_addr);
    std::memcpy(&out, &v6, sizeof v6);
    return sizeof v6;
}

wire::SocketAddress from_sockaddr(const sockaddr_storage& from) {
    wire::SocketAddress address;
    if (from.ss_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &from, sizeof v4);
        std::uint8_t bytes[4];
        std::memcpy(bytes, &v4.sin_addr, sizeof bytes);
        address.address = wire::Address::v4(bytes);
        address.port = ntohs(v4.sin_port);
        return address;
    }
    sockaddr_in6 v6{};
    std::memcpy(&v6, &from, sizeof v6);
    address.address = wire::Address::v6(v6.sin6_addr.s6_addr);
    address.port = ntohs(v6.sin6_port);
    address.scope = is_link_local(address.address) ? v6.sin6_scope_id : 0;
    return address;
}

ReceiveInfo read_control(msghdr& message) {
    ReceiveInfo info;
    for (cmsghdr* at = CMSG_FIRSTHDR(&message); at != nullptr; at = CMSG_NXTHDR(&message, at)) {
        if (at->cmsg_level == SOL_UDP && at->cmsg_type == UDP_GRO) {
            info.segment_size = static_cast<std::size_t>(value_of<int>(at));
        } else if (at->cmsg_level == IPPROTO_IP && at->cmsg_type == IP_PKTINFO) {
            const auto packet = value_of<in_pktinfo>(at);
            std::uint8_t bytes[4];
            std::memcpy(bytes, &packet.ipi_addr, sizeof bytes);
            info.local = wire::Address::v4(bytes);
            info.interface = static_cast<std::uint32_t>(packet.ipi_ifindex);
        } else if (at->cmsg_level == IPPROTO_IPV6 && at->cmsg_type == IPV6_PKTINFO) {
            const auto packet = value_of<in6_pktinfo>(at);
            info.local = wire::Address::v6(packet.ipi6_addr.s6_addr);
            info.interface = packet.ipi6_ifindex;
        } else if (at->cmsg_level == IPPROTO_IP && at->cmsg_type == IP_TOS) {
            info.tos = *CMSG_DATA(at);
        } else if (at->cmsg_level == IPPROTO_IPV6 && at->cmsg_type == IPV6_TCLASS) {
            info.tos = static_cast<std::uint8_t>(value_of<int>(at));
        }
    }
    return info;
}

void write_control(
    msghdr& message, const wire::Endpoint& to, std::uint8_t tos, std::uint16_t segment_size
) {
    message.msg_controllen = 0;
    const bool ipv4 = to.remote.address.family == wire::Family::kV4;
    if (to.source.family == wire::Family::kV4 && ipv4) {
        // No interface: the address alone is sticky, the route may change under it.
        in_pktinfo info{};
        std::memcpy(&info.ipi_spec_dst, to.source.bytes.data(), sizeof info.ipi_spec_dst);
        append(message, IPPROTO_IP, IP_PKTINFO, info);
    } else if (to.source.family == wire::Family::kV6 && !ipv4) {
        in6_pktinfo info{};
        std::memcpy(&info.ipi6_addr, to.source.bytes.data(), sizeof info.ipi6_addr);
        info.ipi6_ifindex = is_link_local(to.source) ? to.source_interface : 0;
        append(message, IPPROTO_IPV6, IPV6_PKTINFO, info);
    }
    if (tos != 0) {
        append(message, ipv4 ? IPPROTO_IP : IPPROTO_IPV6, ipv4 ? IP_TOS : IPV6_TCLASS, int{tos});
    }
    if (segment_size != 0) {
        append(message, SOL_UDP, UDP_SEGMENT, segment_size);
    }
    if (message.msg_controllen == 0) {
        message.msg_control = nullptr;
    }
}

}  // namespace phantom::io
