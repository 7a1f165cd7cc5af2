#include "policy/flow.h"

#include <utility>

namespace phantom::policy {

namespace {

constexpr std::uint8_t kFragmentHeader = 44;  // RFC 8200, 4.5
constexpr std::size_t kFragmentHeaderSize = 8;
constexpr std::size_t kIcmpHeaderSize = 8;
constexpr std::uint8_t kSyn = 0x02;
constexpr std::uint8_t kAck = 0x10;
constexpr std::size_t kTcpFlagsAt = 13;

struct Fragment {
    bool later = false;
    bool first = false;
    std::uint32_t id = 0;
};

Fragment fragment_of_v4(ByteView packet) {
    constexpr std::uint16_t kMore = 0x2000;
    constexpr std::uint16_t kOffset = 0x1fff;
    const auto field = load_be<std::uint16_t>(&packet[6]);
    const bool later = (field & kOffset) != 0;
    return {later, !later && (field & kMore) != 0, load_be<std::uint16_t>(&packet[4])};
}

Fragment fragment_of_v6(ByteView header) {
    const auto field = load_be<std::uint16_t>(&header[2]);
    const bool later = (field & 0xfff8U) != 0;
    // An "atomic" fragment is whole (RFC 6946).
    return {later, !later && (field & 1U) != 0, load_be<std::uint32_t>(&header[4])};
}

// ICMP: RFC 792; 3 unreachable, 11 time exceeded, 12 parameter problem. ICMPv6: RFC 4443; 1 to 4.
bool is_error(std::uint8_t protocol, std::uint8_t type) {
    return protocol == kProtocolIcmp ? type == 3 || type == 11 || type == 12
                                     : type >= 1 && type <= 4;
}

Flow::Kind echo_kind(std::uint8_t protocol, std::uint8_t type) {
    const bool v4 = protocol == kProtocolIcmp;
    if (type == (v4 ? 8 : 128)) {
        return Flow::Kind::kEchoRequest;
    }
    return type == (v4 ? 0 : 129) ? Flow::Kind::kEchoReply : Flow::Kind::kOther;
}

// False: cut off. `payload` is what stands behind the IP header.
bool read_ports(ByteView payload, Flow& flow) {
    if (flow.protocol == wire::kProtocolTcp || flow.protocol == wire::kProtocolUdp) {
        if (payload.size() < 4) {
            return false;
        }
        flow.source_port = load_be<std::uint16_t>(&payload[0]);
        flow.destination_port = load_be<std::uint16_t>(&payload[2]);
    } else if (flow.is_icmp()) {
        if (payload.size() < kIcmpHeaderSize) {
            return false;
        }
        flow.kind = echo_kind(flow.protocol, payload[0]);
        if (flow.kind != Flow::Kind::kOther) {
            flow.source_port = flow.destination_port = load_be<std::uint16_t>(&payload[4]);
        }
    }
    return true;
}

// What a quoted packet, cut off as it is (RFC 792: its header and 8 bytes), says.
std::optional<Flow> read_quoted(ByteView quoted, const wire::Address& sender) {
    const bool v6 = !quoted.empty() && quoted[0] >> 4U == 6;
    const std::size_t fixed = v6 ? wire::kIpv6HeaderSize : wire::kIpv4HeaderSize;
    if (quoted.size() < fixed || (!v6 && quoted[0] >> 4U != 4)) {
        return std::nullopt;
    }
    const std::size_t header = v6 ? fixed : (quoted[0] & 0x0fU) * std::size_t{4};
    if (header < fixed || header > quoted.size()) {
        return std::nullopt;
    }
    Flow flow{
        .source = v6 ? wire::Address::v6(&quoted[8]) : wire::Address::v4(&quoted[12]),
        .destination = v6 ? wire::Address::v6(&quoted[24]) : wire::Address::v4(&quoted[16]),
        .protocol = v6 ? quoted[6] : quoted[9],
    };
    const bool later_fragment = !v6 && fragment_of_v4(quoted).later;
    if (flow.source != sender || later_fragment || !read_ports(quoted.subspan(header), flow)) {
        return std::nullopt;
    }
    return flow;
}

}  // namespace

Flow Flow::reversed() const {
    Flow back = *this;
    std::swap(back.source, back.destination);
    std::swap(back.source_port, back.destination_port);
    if (kind != Kind::kOther) {
        back.kind = kind == Kind::kEchoRequest ? Kind::kEchoReply : Kind::kEchoRequest;
    }
    return back;
}

std::optional<PacketView> view_packet(ByteView packet, const wire::IpPacket& ip) {
    PacketView view;
    view.flow.source = ip.source;
    view.flow.destination = ip.destination;
    view.flow.protocol = ip.protocol;
    ByteView payload = packet.subspan(ip.header_size, ip.total_size - ip.header_size);
    Fragment fragment;
    if (ip.source.family == wire::Family::kV4) {
        fragment = fragment_of_v4(packet);
    } else if (ip.protocol == kFragmentHeader) {
        if (payload.size() < kFragmentHeaderSize) {
            return std::nullopt;
        }
        view.flow.protocol = payload[0];
        fragment = fragment_of_v6(payload);
        payload = payload.subspan(kFragmentHeaderSize);
    }
    view.fragment_id = fragment.id;
    if (fragment.later) {
        view.role = PacketView::Role::kLaterFragment;
        return view;
    }
    view.role = fragment.first ? PacketView::Role::kFirstFragment : PacketView::Role::kWhole;
    if (!read_ports(payload, view.flow)) {
        return std::nullopt;
    }
    if (view.flow.protocol == wire::kProtocolTcp) {
        view.begins_tcp =
            payload.size() <= kTcpFlagsAt || (payload[kTcpFlagsAt] & (kSyn | kAck)) == kSyn;
    } else if (view.flow.is_icmp() && is_error(view.flow.protocol, payload[0])) {
        const auto quoted = read_quoted(payload.subspan(kIcmpHeaderSize), ip.destination);
        if (!quoted) {
            return std::nullopt;
        }
        view.role = PacketView::Role::kIcmpError;
        view.flow = *quoted;
    }
    return view;
}

}  // namespace phantom::policy
