#include "detect/decoder_work.h"
#include "wire/checksum.h"

namespace phantom::detect {

namespace {

constexpr std::size_t kTcpHeaderMin = 20;
constexpr std::size_t kUdpHeader = 8;
constexpr std::size_t kIcmpHeader = 8;
constexpr std::size_t kIcmpv6Header = 4;

// Of the addresses in the IP header, side by side.
ByteView addresses_of(const Packet& packet) {
    return packet.network == Packet::Network::kIpv4 ? packet.ip.subspan(12, 8)
                                                    : packet.ip.subspan(8, 32);
}

bool transport_sum_holds(const Packet& packet, ByteView covered) {
    const std::uint64_t sum =
        wire::pseudo_header_sum(addresses_of(packet), packet.protocol, covered.size());
    return wire::checksum_fold(wire::checksum_add(covered, sum)) == kValidSum;
}

// RFC 9293 section 3.1: kind, length, value; 0 ends, 1 fills.
void note_tcp_options(Packet& packet, ByteView options) {
    bool had_timestamp = false;
    while (!options.empty() && options[0] != 0) {
        if (options[0] == 1) {
            options = options.subspan(1);
            continue;
        }
        if (options.size() < 2 || options[1] < 2 || options[1] > options.size()) {
            packet.note(Event::kTcpInvalidOptionLength);
            return;
        }
        const std::uint8_t kind = options[0];
        const std::uint8_t size = options[1];
        const bool wrong = (kind == 2 && size != 4) || (kind == 3 && size != 3) ||
                           (kind == 4 && size != 2) || (kind == 8 && size != 10);
        if (wrong) {
            packet.note(Event::kTcpInvalidOptionLength);
        }
        if (kind == 8) {
            if (had_timestamp) {
                packet.note(Event::kTcpDuplicateOption);
            }
            had_timestamp = true;
        }
        options = options.subspan(size);
    }
}

}  // namespace

void Decoder::tcp(Work& work) {
    Packet& packet = work.packet;
    const ByteView bytes = packet.transport;
    if (bytes.size() < kTcpHeaderMin) {
        work.stop(Event::kTcpTooSmall);
        return;
    }
    const std::size_t header = std::size_t{4} * (bytes[12] >> 4U);
    if (header < kTcpHeaderMin || header > bytes.size()) {
        work.stop(Event::kTcpHeaderTooSmall);
        return;
    }
    packet.source_port = load_be<std::uint16_t>(bytes.data());
    packet.destination_port = load_be<std::uint16_t>(bytes.data() + 2);
    packet.tcp = {
        .sequence = load_be<std::uint32_t>(bytes.data() + 4),
        .acknowledgement = load_be<std::uint32_t>(bytes.data() + 8),
        .window = load_be<std::uint16_t>(bytes.data() + 14),
        .urgent = load_be<std::uint16_t>(bytes.data() + 18),
        .flags = bytes[13]
    };
    note_tcp_options(packet, bytes.subspan(kTcpHeaderMin, header - kTcpHeaderMin));
    packet.payload = bytes.subspan(header);
    packet.has_transport = true;
    packet.checksum_ok =
        packet.checksum_ok && (!options_.check_checksums || transport_sum_holds(packet, bytes));
    work.sink(packet);
}

void Decoder::udp(Work& work) {
    Packet& packet = work.packet;
    const ByteView bytes = packet.transport;
    if (bytes.size() < kUdpHeader) {
        work.stop(Event::kUdpHeaderTooSmall);
        return;
    }
    const std::size_t length = load_be<std::uint16_t>(bytes.data() + 4);
    if (length > bytes.size()) {
        work.stop(Event::kUdpTooSmall);
        return;
    }
    if (length < kUdpHeader) {
        work.stop(Event::kUdpLengthInvalid);
        return;
    }
    packet.source_port = load_be<std::uint16_t>(bytes.data());
    packet.destination_port = load_be<std::uint16_t>(bytes.data() + 2);
    packet.payload = bytes.first(length).subspan(kUdpHeader);
    packet.has_transport = true;
    const bool has_sum = load_be<std::uint16_t>(bytes.data() + 6) != 0;
    packet.checksum_ok = packet.checksum_ok && (!options_.check_checksums || !has_sum ||
                                                transport_sum_holds(packet, bytes.first(length)));
    work.sink(packet);
}

void Decoder::icmp(Work& work) {
    Packet& packet = work.packet;
    const bool v6 = packet.protocol == kIpIcmpv6;
    const std::size_t header = v6 ? kIcmpv6Header : kIcmpHeader;
    if (packet.transport.size() < header) {
        work.stop(v6 ? Event::kIcmpv6TooSmall : Event::kIcmpTooSmall);
        return;
    }
    packet.icmp_type = packet.transport[0];
    packet.icmp_code = packet.transport[1];
    packet.payload =
        packet.transport.size() >= kIcmpHeader ? packet.transport.subspan(kIcmpHeader) : ByteView{};
    packet.has_transport = true;
    work.sink(packet);
}

// RFC 2784 and 2890, version 0: checksum, key and sequence number are there where a bit says so.
void Decoder::gre(Work& work) {
    const ByteView bytes = work.packet.transport;
    if (bytes.size() < 4) {
        work.stop(Event::kGreTooSmall);
        return;
    }
    const auto flags = load_be<std::uint16_t>(bytes.data());
    const auto type = load_be<std::uint16_t>(bytes.data() + 2);
    std::size_t header = 4;
    for (const unsigned bit : {0x8000U, 0x2000U, 0x1000U}) {
        header += (flags & bit) != 0 ? 4 : 0;
    }
    // ERSPAN: type II has a header of 8 bytes behind GRE with a sequence number; type I has none.
    const bool is_erspan2 = type == kEtherErspan2 && (flags & 0x1000U) != 0;
    header += is_erspan2 ? 8 : 0;
    if ((flags & 7U) != 0 || bytes.size() < header) {
        work.stop(Event::kGreTooSmall);
        return;
    }
    inner(work, type == kEtherErspan2 ? kEtherBridge : type, bytes.subspan(header));
}

}  // namespace phantom::detect
