#include "ml/packet_facts.h"

#include "wire/ip.h"

namespace phantom::ml {

namespace {

constexpr std::uint8_t kIcmp = 1;
constexpr std::uint8_t kIcmpV6 = 58;
constexpr std::size_t kTcpHeaderMin = 20;
constexpr std::size_t kUdpHeader = 8;

bool read_tcp(ByteView segment, PacketFacts& facts) {
    if (segment.size() < kTcpHeaderMin) {
        return false;
    }
    const std::size_t header = std::size_t{segment[12]} / 16 * 4;
    if (header < kTcpHeaderMin || header > segment.size()) {
        return false;
    }
    facts.source_port = load_be<std::uint16_t>(segment.data());
    facts.destination_port = load_be<std::uint16_t>(segment.data() + 2);
    facts.sequence = load_be<std::uint32_t>(segment.data() + 4);
    facts.flags = segment[13];
    facts.window = load_be<std::uint16_t>(segment.data() + 14);
    facts.payload = static_cast<std::uint32_t>(segment.size() - header);
    return true;
}

bool read_udp(ByteView datagram, PacketFacts& facts) {
    if (datagram.size() < kUdpHeader) {
        return false;
    }
    facts.source_port = load_be<std::uint16_t>(datagram.data());
    facts.destination_port = load_be<std::uint16_t>(datagram.data() + 2);
    facts.payload = static_cast<std::uint32_t>(datagram.size() - kUdpHeader);
    return true;
}

// An echo and its reply are one flow: both have its identifier where others have ports.
void read_icmp(ByteView message, PacketFacts& facts) {
    constexpr std::size_t kHeader = 8;
    facts.payload =
        static_cast<std::uint32_t>(message.size() > kHeader ? message.size() - kHeader : 0);
    if (message.size() < kHeader) {
        return;
    }
    const std::uint8_t type = message[0];
    const bool is_echo =
        facts.protocol == kIcmp ? type == 0 || type == 8 : type == 128 || type == 129;
    if (is_echo) {
        facts.source_port = facts.destination_port = load_be<std::uint16_t>(message.data() + 4);
    }
}

}  // namespace

std::optional<PacketFacts> facts_of(ByteView packet, std::int64_t time_us) {
    const auto ip = wire::parse_ip(packet);
    if (!ip) {
        return std::nullopt;
    }
    const bool is_v4 = ip->source.family == wire::Family::kV4;
    constexpr std::uint16_t kFragmentOffset = 0x1fff;
    if (is_v4 && (load_be<std::uint16_t>(packet.data() + 6) & kFragmentOffset) != 0) {
        return std::nullopt;
    }
    PacketFacts facts;
    facts.time_us = time_us;
    facts.source = ip->source;
    facts.destination = ip->destination;
    facts.protocol = ip->protocol;
    facts.ttl = packet[is_v4 ? 8 : 7];
    facts.size = static_cast<std::uint32_t>(ip->total_size);
    const ByteView transport = packet.subspan(ip->header_size, ip->total_size - ip->header_size);
    facts.payload = static_cast<std::uint32_t>(transport.size());
    if (facts.protocol == wire::kProtocolTcp && !read_tcp(transport, facts)) {
        return std::nullopt;
    }
    if (facts.protocol == wire::kProtocolUdp && !read_udp(transport, facts)) {
        return std::nullopt;
    }
    if (facts.protocol == (is_v4 ? kIcmp : kIcmpV6)) {
        read_icmp(transport, facts);
    }
    return facts;
}

}  // namespace phantom::ml
