#include "wire/ip.h"

#include "wire/checksum.h"

namespace phantom::wire {

namespace {

Result<IpPacket> parse_ipv4(ByteView packet) {
    if (packet.size() < kIpv4HeaderSize) {
        return fail(WireError::kTooShort);
    }
    const std::size_t header_size = (packet[0] & 0x0fU) * std::size_t{4};
    const std::size_t total_size = load_be<std::uint16_t>(&packet[2]);
    if (header_size < kIpv4HeaderSize || header_size > total_size) {
        return fail(WireError::kBadHeaderLength);
    }
    if (total_size > packet.size()) {
        return fail(WireError::kBadTotalLength);
    }
    return IpPacket{
        .source = Address::v4(&packet[12]),
        .destination = Address::v4(&packet[16]),
        .total_size = total_size,
        .header_size = header_size,
        .protocol = packet[9],
        .ecn = static_cast<Ecn>(packet[1] & 3U),
    };
}

Result<IpPacket> parse_ipv6(ByteView packet) {
    if (packet.size() < kIpv6HeaderSize) {
        return fail(WireError::kTooShort);
    }
    const std::size_t total_size = kIpv6HeaderSize + load_be<std::uint16_t>(&packet[4]);
    if (total_size > packet.size()) {
        return fail(WireError::kBadTotalLength);
    }
    return IpPacket{
        .source = Address::v6(&packet[8]),
        .destination = Address::v6(&packet[24]),
        .total_size = total_size,
        .header_size = kIpv6HeaderSize,
        .protocol = packet[6],
        // The traffic class straddles the first two bytes; its low two bits are bits 4 and 5.
        .ecn = static_cast<Ecn>((packet[1] >> 4U) & 3U),
    };
}

}  // namespace

Result<IpPacket> parse_ip(ByteView packet) {
    if (packet.empty()) {
        return fail(WireError::kTooShort);
    }
    switch (packet[0] >> 4U) {
        case 4:
            return parse_ipv4(packet);
        case 6:
            return parse_ipv6(packet);
        default:
            return fail(WireError::kBadVersion);
    }
}

void mark_congestion(MutableBytes packet) {
    if (packet[0] >> 4U == 6) {
        if (((packet[1] >> 4U) & 3U) != 0) {
            packet[1] |= 0x30U;
        }
        return;
    }
    if ((packet[1] & 3U) == 0) {
        return;
    }
    packet[1] |= 3U;
    const std::size_t header_size = (packet[0] & 0x0fU) * std::size_t{4};
    store_le<std::uint16_t>(&packet[10], 0);
    const auto sum = checksum_fold(checksum_add(packet.first(header_size)));
    store_le<std::uint16_t>(&packet[10], static_cast<std::uint16_t>(~sum));
}

}  // namespace phantom::wire
