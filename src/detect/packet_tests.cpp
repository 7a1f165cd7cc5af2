#include "detect/packet_tests.h"

#include <algorithm>

namespace phantom::detect {

namespace {

// The value of a TCP option, big endian; RFC 9293 section 3.1.
std::optional<std::uint64_t> tcp_option(const Packet& packet, std::uint8_t wanted) {
    const std::size_t header = packet.transport.size() - packet.payload.size();
    if (header < 20) {
        return std::nullopt;  // the end of a flow has no header
    }
    ByteView options = packet.transport.first(header).subspan(20);
    while (options.size() >= 2 && options[0] != 0) {
        if (options[0] == 1) {
            options = options.subspan(1);
            continue;
        }
        const std::size_t size = options[1];
        if (size < 2 || size > options.size()) {
            break;
        }
        if (options[0] == wanted) {
            std::uint64_t value = 0;
            for (const std::uint8_t each : options.subspan(2, size - 2)) {
                value = value << 8U | each;
            }
            return value;
        }
        options = options.subspan(size);
    }
    return std::nullopt;
}

// Echo and its kin have an identifier and a sequence number.
std::optional<std::uint64_t> icmp_word(const Packet& packet, std::size_t at) {
    const std::uint8_t type = packet.icmp_type;
    const bool has = packet.protocol == kIpIcmpv6
                         ? type == 128 || type == 129
                         : type == 0 || type == 8 || (type >= 13 && type <= 18);
    if (!packet.is_icmp() || !has || packet.transport.size() < at + 2) {
        return std::nullopt;
    }
    return load_be<std::uint16_t>(packet.transport.data() + at);
}

// RFC 9260 section 3.2: type, flags, length; padded to four bytes.
std::optional<std::uint64_t> sctp_chunks(const Packet& packet) {
    if (packet.protocol != kIpSctp || !packet.has_transport) {
        return std::nullopt;
    }
    std::uint64_t count = 0;
    ByteView rest = packet.payload;
    while (rest.size() >= 4) {
        const std::size_t size = load_be<std::uint16_t>(rest.data() + 2);
        if (size < 4) {
            break;
        }
        ++count;
        rest = rest.subspan(std::min((size + 3) & ~std::size_t{3}, rest.size()));
    }
    return count;
}

std::optional<std::uint64_t> tcp_number(PacketNumber number, const Packet& packet) {
    if (!packet.is_tcp()) {
        return std::nullopt;
    }
    switch (number) {
        case PacketNumber::kTcpSequence:
            return packet.tcp.sequence;
        case PacketNumber::kTcpAcknowledgement:
            return packet.tcp.acknowledgement;
        case PacketNumber::kTcpWindow:
            return packet.tcp.window;
        case PacketNumber::kTcpMss:
            return tcp_option(packet, 2);
        default:
            return tcp_option(packet, 3);
    }
}

std::optional<std::uint64_t> number_of(PacketNumber number, const Packet& packet) {
    switch (number) {
        case PacketNumber::kPayloadSize:
            return packet.is_ip() && packet.has_transport
                       ? std::optional<std::uint64_t>(packet.payload.size())
                       : std::nullopt;
        case PacketNumber::kTtl:
            return packet.is_ip() ? std::optional<std::uint64_t>(packet.ttl) : std::nullopt;
        case PacketNumber::kIpId:
            return packet.network == Packet::Network::kIpv4
                       ? std::optional<std::uint64_t>(load_be<std::uint16_t>(packet.ip.data() + 4))
                       : std::nullopt;
        case PacketNumber::kIpProtocol:
            return packet.is_ip() ? std::optional<std::uint64_t>(packet.protocol) : std::nullopt;
        case PacketNumber::kIcmpType:
            return packet.is_icmp() ? std::optional<std::uint64_t>(packet.icmp_type) : std::nullopt;
        case PacketNumber::kIcmpCode:
            return packet.is_icmp() ? std::optional<std::uint64_t>(packet.icmp_code) : std::nullopt;
        case PacketNumber::kIcmpId:
            return icmp_word(packet, 4);
        case PacketNumber::kIcmpSequence:
            return icmp_word(packet, 6);
        case PacketNumber::kIcmpv6Mtu:
            return packet.protocol == kIpIcmpv6 && packet.icmp_type == 2 &&
                           packet.transport.size() >= 8
                       ? std::optional<std::uint64_t>(
                             load_be<std::uint32_t>(packet.transport.data() + 4)
                         )
                       : std::nullopt;
        case PacketNumber::kIgmpType:
            return packet.protocol == kIpIgmp && !packet.transport.empty()
                       ? std::optional<std::uint64_t>(packet.transport[0])
                       : std::nullopt;
        case PacketNumber::kSctpChunkCount:
            return sctp_chunks(packet);
        case PacketNumber::kSctpTag:
            return packet.protocol == kIpSctp && packet.has_transport
                       ? std::optional<std::uint64_t>(
                             load_be<std::uint32_t>(packet.transport.data() + 4)
                         )
                       : std::nullopt;
        default:
            return tcp_number(number, packet);
    }
}

bool bits_hold(TcpFlagsTest::Kind kind, unsigned wanted, unsigned there) {
    switch (kind) {
        case TcpFlagsTest::Kind::kExactly:
            return there == wanted;
        case TcpFlagsTest::Kind::kAll:
            return (there & wanted) == wanted;
        case TcpFlagsTest::Kind::kAny:
            return (there & wanted) != 0;
        case TcpFlagsTest::Kind::kNone:
            return (there & wanted) != wanted;
    }
    return false;
}

bool test_holds(const PacketNumberTest& test, const Packet& packet) {
    const auto value = number_of(test.number, packet);
    return value && test.test.holds(*value) != test.negated;
}

bool test_holds(const TcpFlagsTest& test, const Packet& packet) {
    const unsigned there = packet.tcp.flags & ~static_cast<unsigned>(test.ignored);
    return packet.is_tcp() && bits_hold(test.kind, test.flags, there & 0xffU);
}

bool test_holds(const FragmentBitsTest& test, const Packet& packet) {
    return packet.network == Packet::Network::kIpv4 &&
           bits_hold(test.kind, test.bits, packet.ip[6] >> 5U);
}

// RFC 791 section 3.1.
bool test_holds(const IpOptionTest& test, const Packet& packet) {
    if (packet.network != Packet::Network::kIpv4) {
        return false;
    }
    ByteView options = packet.ip_header.subspan(20);
    if (!test.option) {
        return !options.empty();
    }
    while (!options.empty()) {
        if (options[0] == *test.option) {
            return true;
        }
        const std::size_t size = options[0] <= 1 ? 1 : options.size() > 1 ? options[1] : 0;
        if (size == 0 || size > options.size() || options[0] == 0) {
            return false;
        }
        options = options.subspan(size);
    }
    return false;
}

bool test_holds(const SameAddressTest& /*test*/, const Packet& packet) {
    return packet.is_ip() && packet.source == packet.destination;
}

// A rule about what is odd is also for a header that could not be read.
bool is_of(const Rule& rule, const Packet& packet, std::uint8_t protocol) {
    return packet.is_ip() && packet.protocol == protocol &&
           (packet.has_transport || (!rule.events.empty() && !packet.is_fragment));
}

bool protocol_holds(const Rule& rule, const Packet& packet, AppProtocol application) {
    switch (rule.protocol) {
        case RuleProtocol::kIp:
            return packet.is_ip();
        case RuleProtocol::kTcp:
        case RuleProtocol::kTcpPacket:
        case RuleProtocol::kTcpStream:
            return is_of(rule, packet, kIpTcp);
        case RuleProtocol::kUdp:
            return is_of(rule, packet, kIpUdp);
        case RuleProtocol::kIcmp:
            return is_of(rule, packet, kIpIcmp) || is_of(rule, packet, kIpIcmpv6);
        case RuleProtocol::kIcmpv6:
            return is_of(rule, packet, kIpIcmpv6);
        case RuleProtocol::kSctp:
            return is_of(rule, packet, kIpSctp);
        case RuleProtocol::kIgmp:
            return is_of(rule, packet, kIpIgmp);
        case RuleProtocol::kArp:
            return packet.network == Packet::Network::kArp;
        case RuleProtocol::kPacketHeader:
            return true;
        case RuleProtocol::kApplication:
            return application == rule.application;
    }
    return false;
}

bool addresses_hold(const Rule& rule, const Packet& packet) {
    const AddressKey source = AddressKey::of(packet.source);
    const AddressKey destination = AddressKey::of(packet.destination);
    const bool forward = rule.source.holds(source) && rule.destination.holds(destination) &&
                         rule.source_port.holds(packet.source_port) &&
                         rule.destination_port.holds(packet.destination_port);
    return forward ||
           (rule.both_ways && rule.source.holds(destination) && rule.destination.holds(source) &&
            rule.source_port.holds(packet.destination_port) &&
            rule.destination_port.holds(packet.source_port));
}

}  // namespace

bool holds(const PacketTest& test, const Packet& packet) {
    return std::visit([&](const auto& each) { return test_holds(each, packet); }, test);
}

bool header_holds(const Rule& rule, const Packet& packet, AppProtocol application) {
    if (!protocol_holds(rule, packet, application) ||
        (rule.network && packet.network != *rule.network)) {
        return false;
    }
    const bool has_addresses = packet.is_ip();
    return !has_addresses || addresses_hold(rule, packet);
}

std::optional<ByteView> header_buffer(BufferId buffer, const Packet& packet) {
    const std::size_t header = packet.transport.size() - packet.payload.size();
    switch (buffer) {
        case BufferId::kTcpHeader:
            return packet.is_tcp() ? std::optional(packet.transport.first(header)) : std::nullopt;
        case BufferId::kUdpHeader:
            return packet.is_udp() ? std::optional(packet.transport.first(8)) : std::nullopt;
        case BufferId::kIpv4Header:
            return packet.network == Packet::Network::kIpv4 ? std::optional(packet.ip_header)
                                                            : std::nullopt;
        case BufferId::kIpv6Header:
            return packet.network == Packet::Network::kIpv6 ? std::optional(packet.ip_header)
                                                            : std::nullopt;
        case BufferId::kIcmpv4Header:
            return packet.is_icmp() && packet.protocol == kIpIcmp
                       ? std::optional(packet.transport.first(8))
                       : std::nullopt;
        case BufferId::kIcmpv6Header:
            return packet.is_icmp() && packet.protocol == kIpIcmpv6
                       ? std::optional(packet.transport.first(
                             std::min<std::size_t>(8, packet.transport.size())
                         ))
                       : std::nullopt;
        case BufferId::kIgmpHeader:
            return packet.protocol == kIpIgmp && packet.has_transport
                       ? std::optional(packet.transport)
                       : std::nullopt;
        default:
            return std::nullopt;
    }
}

}  // namespace phantom::detect
