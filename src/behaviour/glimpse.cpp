#include "behaviour/glimpse.h"

namespace phantom::behaviour {

namespace {

constexpr std::size_t kSequenceAt = 4;
constexpr std::size_t kAcknowledgementAt = 8;
constexpr std::size_t kOffsetAt = 12;
constexpr std::size_t kUdpHeaderSize = 8;

// What is behind a transport header of so many bytes; nothing where it says that it is longer than there is.
ByteView behind(ByteView packet, const wire::IpPacket& ip, std::size_t header) {
    const ByteView transport = packet.subspan(ip.header_size, ip.total_size - ip.header_size);
    return header <= transport.size() ? transport.subspan(header) : ByteView();
}

}  // namespace

std::optional<Glimpse> glimpse_of(ByteView packet) {
    using Role = policy::PacketView::Role;
    constexpr std::size_t kFlagsAt = 13;
    const auto ip = wire::parse_ip(packet);
    if (!ip) {
        return std::nullopt;
    }
    const auto view = policy::view_packet(packet.first(ip->total_size), *ip);
    if (!view || view->role == Role::kLaterFragment) {
        return std::nullopt;
    }
    Glimpse glimpse;
    glimpse.flow = view->flow;
    glimpse.is_error = view->role == Role::kIcmpError;
    glimpse.size = ip->total_size;
    if (!glimpse.is_error && ip->protocol == wire::kProtocolTcp) {
        if (ip->total_size <= ip->header_size + kFlagsAt) {
            return std::nullopt;
        }
        glimpse.tcp_flags = packet[ip->header_size + kFlagsAt];
        glimpse.sequence = load_be<std::uint32_t>(&packet[ip->header_size + kSequenceAt]);
        glimpse.acknowledgement =
            load_be<std::uint32_t>(&packet[ip->header_size + kAcknowledgementAt]);
        const std::size_t header = std::size_t{packet[ip->header_size + kOffsetAt]} / 16 * 4;
        glimpse.payload = behind(packet, *ip, header);
    } else if (!glimpse.is_error && ip->protocol == wire::kProtocolUdp) {
        glimpse.payload = behind(packet, *ip, kUdpHeaderSize);
    }
    return glimpse;
}

}  // namespace phantom::behaviour
