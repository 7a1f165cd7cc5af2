#include <algorithm>

#include "detect/decoder_work.h"
#include "wire/checksum.h"

namespace phantom::detect {

namespace {

constexpr std::size_t kIpv4HeaderMin = 20;
constexpr std::size_t kIpv6Header = 40;
constexpr std::size_t kExtensionUnit = 8;
constexpr std::uint8_t kIpHopByHop = 0;
constexpr std::uint8_t kIpInIp = 4;
constexpr std::uint8_t kIpv6InIp = 41;
constexpr std::uint8_t kIpRouting = 43;
constexpr std::uint8_t kIpFragment = 44;
constexpr std::uint8_t kIpGre = 47;
constexpr std::uint8_t kIpAuthentication = 51;
constexpr std::uint8_t kIpDestinationOptions = 60;
constexpr std::uint8_t kIpMobility = 135;

bool is_extension(std::uint8_t next) {
    return next == kIpHopByHop || next == kIpRouting || next == kIpDestinationOptions ||
           next == kIpAuthentication || next == kIpMobility;
}

}  // namespace

void Decoder::ipv4(Work& work, ByteView bytes) {
    if (!work.enter()) {
        return;
    }
    if (bytes.size() < kIpv4HeaderMin) {
        work.stop(Event::kIpv4TooSmall);
        return;
    }
    const std::size_t header = std::size_t{4} * (bytes[0] & 0x0fU);
    const std::size_t total = load_be<std::uint16_t>(bytes.data() + 2);
    if (bytes[0] >> 4U != 4) {
        work.stop(Event::kIpv4WrongVersion);
        return;
    }
    if (header < kIpv4HeaderMin) {
        work.stop(Event::kIpv4HeaderTooSmall);
        return;
    }
    if (total < header) {
        work.stop(Event::kIpv4LengthTooSmall);
        return;
    }
    if (total > bytes.size()) {
        work.stop(Event::kIpv4Truncated);
        return;
    }
    Packet& packet = work.packet;
    packet.network = Packet::Network::kIpv4;
    packet.ip = bytes.first(total);
    packet.ip_header = bytes.first(header);
    packet.source = wire::Address::v4(bytes.data() + 12);
    packet.destination = wire::Address::v4(bytes.data() + 16);
    packet.protocol = bytes[9];
    packet.ttl = bytes[8];
    packet.checksum_ok = !options_.check_checksums ||
                         wire::checksum_fold(wire::checksum_add(packet.ip_header)) == kValidSum;
    const auto word = load_be<std::uint16_t>(bytes.data() + 6);
    if ((word & 0x3fffU) != 0) {
        fragment(
            work, {.source = packet.source,
                   .destination = packet.destination,
                   .id = load_be<std::uint16_t>(bytes.data() + 4),
                   .protocol = packet.protocol,
                   .more = (word & 0x2000U) != 0,
                   .offset = (word & 0x1fffU) * kExtensionUnit,
                   .time_us = packet.time_us,
                   .header = packet.ip_header,
                   .bytes = packet.ip.subspan(header)}
        );
        return;
    }
    packet.transport = packet.ip.subspan(header);
    packet.payload = packet.transport;
    transport(work);
}

// The fragment header at `at`, which the byte at `next_at` announces. False where it divides nothing,
// and the packet is whole.
bool Decoder::ipv6_fragment(Work& work, std::size_t at, std::size_t next_at) {
    Packet& packet = work.packet;
    const std::uint8_t* header = packet.ip.data() + at;
    const auto word = load_be<std::uint16_t>(header + 2);
    if ((word & 0xfff9U) == 0) {
        packet.note(Event::kIpv6UselessFragmentHeader);
        return false;
    }
    packet.protocol = header[0];
    const ByteView part = packet.ip.subspan(at + kExtensionUnit);
    const bool more = (word & 1U) != 0;
    if (more && part.size() % kExtensionUnit != 0) {
        packet.note(Event::kIpv6FragmentInvalidLength);
        packet.is_fragment = true;
        work.sink(packet);
        return true;
    }
    // The header that is left when the fragment header is taken out.
    std::vector<std::uint8_t> left(packet.ip_header.begin(), packet.ip_header.end());
    left[next_at] = header[0];
    fragment(
        work, {.source = packet.source,
               .destination = packet.destination,
               .id = load_be<std::uint32_t>(header + 4),
               .protocol = header[0],
               .more = more,
               .offset = word & 0xfff8U,
               .time_us = packet.time_us,
               .header = left,
               .bytes = part}
    );
    return true;
}

// Extension headers are walked to the transport header, or to a fragment's.
void Decoder::ipv6(Work& work, ByteView bytes) {
    if (!work.enter()) {
        return;
    }
    if (bytes.size() < kIpv6Header) {
        work.stop(Event::kIpv6TooSmall);
        return;
    }
    if (bytes[0] >> 4U != 6) {
        work.stop(Event::kIpv6WrongVersion);
        return;
    }
    const std::size_t total = kIpv6Header + load_be<std::uint16_t>(bytes.data() + 4);
    if (total > bytes.size()) {
        work.stop(Event::kIpv6Truncated);
        return;
    }
    Packet& packet = work.packet;
    packet.network = Packet::Network::kIpv6;
    packet.ip = bytes.first(total);
    packet.source = wire::Address::v6(bytes.data() + 8);
    packet.destination = wire::Address::v6(bytes.data() + 24);
    packet.ttl = bytes[7];
    std::uint8_t next = bytes[6];
    std::size_t at = kIpv6Header;
    std::size_t next_at = 6;
    bool had_fragment = false;
    while (is_extension(next) || next == kIpFragment) {
        packet.protocol = next;
        packet.ip_header = packet.ip.first(at);
        if (total - at < kExtensionUnit) {
            work.stop(Event::kIpv6TruncatedExtension);
            return;
        }
        const std::uint8_t* header = packet.ip.data() + at;
        if (next == kIpFragment) {
            if (had_fragment) {
                packet.note(Event::kIpv6DuplicateFragmentHeader);
            }
            had_fragment = true;
            if (ipv6_fragment(work, at, next_at)) {
                return;
            }
        }
        const std::size_t size = next == kIpFragment         ? kExtensionUnit
                                 : next == kIpAuthentication ? std::size_t{4} * (header[1] + 2U)
                                                             : kExtensionUnit * (header[1] + 1U);
        if (size > total - at) {
            work.stop(Event::kIpv6TruncatedExtension);
            return;
        }
        next_at = at;
        next = header[0];
        at += size;
    }
    packet.protocol = next;
    packet.ip_header = packet.ip.first(at);
    packet.transport = packet.ip.subspan(at);
    packet.payload = packet.transport;
    transport(work);
}

// A fragment is a packet too; where it completes a datagram, that one follows.
void Decoder::fragment(Work& work, const Fragment& fragment) {
    Packet& packet = work.packet;
    const bool v6 = packet.network == Packet::Network::kIpv6;
    packet.is_fragment = true;
    packet.payload = fragment.bytes;
    FragmentTable::Outcome outcome = fragments_.add(fragment);
    if (outcome.overlap) {
        packet.note(v6 ? Event::kIpv6FragmentOverlap : Event::kIpv4FragmentOverlap);
    }
    if (outcome.too_large) {
        packet.note(v6 ? Event::kIpv6FragmentTooLarge : Event::kIpv4FragmentTooLarge);
    }
    work.sink(packet);
    if (outcome.joined) {
        joined(work, fragment, std::move(*outcome.joined));
    }
}

void Decoder::joined(Work& work, const Fragment& fragment, FragmentTable::Joined joined) {
    std::vector<std::uint8_t> datagram = std::move(joined.header);
    const std::size_t header_size = datagram.size();
    datagram.insert(datagram.end(), joined.bytes.begin(), joined.bytes.end());
    const bool v6 = fragment.source.family == wire::Family::kV6;
    const std::size_t length = v6 ? datagram.size() - kIpv6Header : datagram.size();
    if (length > kDatagramSizeMax) {
        return;
    }
    store_be(datagram.data() + (v6 ? 4 : 2), static_cast<std::uint16_t>(length));
    if (!v6) {
        store_be<std::uint16_t>(datagram.data() + 6, 0);
        store_be<std::uint16_t>(datagram.data() + 10, 0);
        store_le(
            datagram.data() + 10, static_cast<std::uint16_t>(~wire::checksum_fold(
                                      wire::checksum_add(ByteView(datagram).first(header_size))
                                  ))
        );
    }
    // As if it had come in one piece, in a frame like that of its last fragment.
    const ByteView last = work.packet.frame;
    const bool inside =
        work.packet.ip.data() >= last.data() && work.packet.ip.data() <= last.data() + last.size();
    const auto link_size =
        inside ? static_cast<std::size_t>(work.packet.ip.data() - last.data()) : 0;
    std::vector<std::uint8_t> frame(
        last.begin(), last.begin() + static_cast<std::ptrdiff_t>(link_size)
    );
    frame.insert(frame.end(), datagram.begin(), datagram.end());
    Work next{
        .packet =
            {.time_us = work.packet.time_us,
             .number = work.packet.number,
             .link_type = work.packet.link_type,
             .origin = Packet::Origin::kDefragmented,
             .frame = frame,
             .vlans = work.packet.vlans},
        .sink = work.sink,
        .layers = work.layers
    };
    any_ip(next, ByteView(frame).subspan(link_size));
}

void Decoder::transport(Work& work) {
    Packet& packet = work.packet;
    switch (packet.protocol) {
        case kIpTcp:
            tcp(work);
            return;
        case kIpUdp:
            udp(work);
            return;
        case kIpIcmp:
        case kIpIcmpv6:
            icmp(work);
            return;
        case kIpGre:
            gre(work);
            return;
        case kIpInIp:
            if (packet.network == Packet::Network::kIpv6) {
                if (packet.transport.size() < kIpv4HeaderMin) {
                    work.stop(Event::kIpv4InIpv6TooSmall);
                    return;
                }
                if (packet.transport[0] >> 4U != 4) {
                    work.stop(Event::kIpv4InIpv6WrongVersion);
                    return;
                }
            }
            inner(work, kEtherIpv4, packet.transport);
            return;
        case kIpv6InIp:
            inner(work, kEtherIpv6, packet.transport);
            return;
        case kIpSctp:
            if (packet.transport.size() >= 12) {
                packet.source_port = load_be<std::uint16_t>(packet.transport.data());
                packet.destination_port = load_be<std::uint16_t>(packet.transport.data() + 2);
                packet.has_transport = true;
                packet.payload = packet.transport.subspan(12);
            }
            work.sink(packet);
            return;
        default:
            packet.has_transport = true;
            work.sink(packet);
    }
}

}  // namespace phantom::detect
