#include "wire/coalescing.h"

#include <cstring>

#include "wire/checksum.h"
#include "wire/transport.h"

namespace phantom::wire {

namespace {

ByteView addresses_of(const std::uint8_t* packet, std::size_t ip_header_size) {
    return ip_header_size == kIpv6HeaderSize ? ByteView{packet + 8, 32} : ByteView{packet + 12, 8};
}

bool is_ipv6(const std::uint8_t* packet) {
    return packet[0] >> 4U == 6;
}

bool ip_allows_merging(const std::uint8_t* packet, const IpPacket& ip) {
    if (is_ipv6(packet)) {
        return true;
    }
    // IHL 5 (no options), neither a fragment offset nor "more fragments".
    const auto fragment = load_be<std::uint16_t>(packet + 6);
    return ip.header_size == kIpv4HeaderSize && (fragment & 0x3fffU) == 0;
}

bool checksum_holds(const std::uint8_t* packet, const IpPacket& ip) {
    if (!is_ipv6(packet) && checksum_fold(checksum_add({packet, kIpv4HeaderSize})) != 0xffffU) {
        return false;
    }
    const std::size_t transport_size = ip.total_size - ip.header_size;
    const std::uint64_t sum =
        pseudo_header_sum(addresses_of(packet, ip.header_size), ip.protocol, transport_size);
    return checksum_fold(checksum_add({packet + ip.header_size, transport_size}, sum)) == 0xffffU;
}

// TTL, DSCP and ECN, DF: whatever a router or the receiver could see must be equal.
bool ip_equal(const std::uint8_t* a, const std::uint8_t* b) {
    if (is_ipv6(a)) {
        // Version, class and flow label; then next header, hop limit and addresses.
        return std::memcmp(a, b, 4) == 0 && std::memcmp(a + 6, b + 6, 34) == 0;
    }
    return a[0] == b[0] && a[1] == b[1] && a[6] == b[6] && a[8] == b[8] && a[9] == b[9] &&
           std::memcmp(a + 12, b + 12, 8) == 0;
}

}  // namespace

std::optional<MergeCandidate> merge_candidate(std::uint8_t* packet, const IpPacket& ip) {
    if (!ip_allows_merging(packet, ip)) {
        return std::nullopt;
    }
    const std::uint8_t* transport = packet + ip.header_size;
    const std::size_t transport_size = ip.total_size - ip.header_size;
    std::size_t header_size = kUdpHeaderSize;
    MergeCandidate candidate{};
    candidate.mergeable = true;
    if (ip.protocol == kProtocolTcp) {
        if (transport_size < kTcpHeaderSizeMin) {
            return std::nullopt;
        }
        header_size = (transport[12] >> 4U) * std::size_t{4};
        const std::uint8_t flags = transport[13];
        if (header_size < kTcpHeaderSizeMin || header_size > transport_size) {
            return std::nullopt;
        }
        candidate.tcp = true;
        candidate.mergeable = (flags & ~kTcpPsh) == kTcpAck;
        candidate.push = (flags & kTcpPsh) != 0;
        candidate.sequence = load_be<std::uint32_t>(transport + 4);
    } else if (ip.protocol == kProtocolUdp) {
        if (transport_size < kUdpHeaderSize ||
            load_be<std::uint16_t>(transport + 4) != transport_size) {
            return std::nullopt;
        }
        // A zero checksum means "none" in IPv4: nothing could vouch for the merged packet.
        candidate.mergeable = load_le<std::uint16_t>(transport + kUdpChecksumOffset) != 0;
    } else {
        return std::nullopt;
    }
    candidate.mergeable =
        candidate.mergeable && header_size < transport_size && checksum_holds(packet, ip);
    candidate.packet = packet;
    candidate.header_size = static_cast<std::uint16_t>(ip.header_size + header_size);
    candidate.payload_size = static_cast<std::uint16_t>(transport_size - header_size);
    candidate.ip_header_size = static_cast<std::uint8_t>(ip.header_size);
    return candidate;
}

MergeRun::MergeRun(const MergeCandidate& first)
    : first_(first),
      payload_total_(first.payload_size),
      closed_(first.push || !first.mergeable),
      push_(first.push) {}

bool MergeRun::same_flow(const MergeCandidate& next) const {
    const std::uint8_t* a = first_.packet;
    const std::uint8_t* b = next.packet;
    if (first_.tcp != next.tcp || first_.ip_header_size != next.ip_header_size) {
        return false;
    }
    const ByteView left = addresses_of(a, first_.ip_header_size);
    const ByteView right = addresses_of(b, next.ip_header_size);
    return std::memcmp(left.data(), right.data(), left.size()) == 0 &&
           std::memcmp(a + first_.ip_header_size, b + next.ip_header_size, 4) == 0;
}

bool MergeRun::append(const MergeCandidate& next) {
    if (closed_ || !next.mergeable || count_ == kCoalescedSegmentsMax ||
        next.payload_size > first_.payload_size || next.header_size != first_.header_size ||
        first_.header_size + payload_total_ + next.payload_size > kCoalescedSizeMax ||
        !ip_equal(first_.packet, next.packet)) {
        return false;
    }
    if (first_.tcp) {
        const std::uint8_t* a = first_.packet + first_.ip_header_size;
        const std::uint8_t* b = next.packet + next.ip_header_size;
        const std::size_t options_size = first_.header_size - first_.ip_header_size - 20U;
        const bool in_order =
            next.sequence == first_.sequence + static_cast<std::uint32_t>(payload_total_);
        // ACK number; data offset; window; urgent pointer; options.
        if (!in_order || std::memcmp(a + 8, b + 8, 5) != 0 || std::memcmp(a + 14, b + 14, 2) != 0 ||
            std::memcmp(a + 18, b + 18, 2 + options_size) != 0) {
            return false;
        }
    }
    payload_total_ += next.payload_size;
    ++count_;
    push_ = push_ || next.push;
    closed_ = next.push || next.payload_size < first_.payload_size;
    return true;
}

VnetHeader MergeRun::finish() {
    VnetHeader offload;
    if (count_ == 1) {
        return offload;
    }
    std::uint8_t* packet = first_.packet;
    std::uint8_t* transport = packet + first_.ip_header_size;
    const std::size_t total = first_.header_size + payload_total_;
    const std::size_t transport_size = total - first_.ip_header_size;
    const bool ipv6 = is_ipv6(packet);
    if (ipv6) {
        store_be<std::uint16_t>(packet + 4, static_cast<std::uint16_t>(total - kIpv6HeaderSize));
    } else {
        store_be<std::uint16_t>(packet + 2, static_cast<std::uint16_t>(total));
        store_le<std::uint16_t>(packet + 10, 0);
        const auto sum = checksum_fold(checksum_add({packet, kIpv4HeaderSize}));
        store_le<std::uint16_t>(packet + 10, static_cast<std::uint16_t>(~sum));
    }
    if (first_.tcp) {
        if (push_) {
            transport[13] |= kTcpPsh;
        }
        offload.gso_type = static_cast<std::uint8_t>(ipv6 ? GsoType::kTcpV6 : GsoType::kTcpV4);
        offload.checksum_offset = kTcpChecksumOffset;
    } else {
        store_be<std::uint16_t>(transport + 4, static_cast<std::uint16_t>(transport_size));
        offload.gso_type = static_cast<std::uint8_t>(GsoType::kUdpL4);
        offload.checksum_offset = kUdpChecksumOffset;
    }
    offload.flags = kVnetNeedsChecksum;
    offload.header_size = first_.header_size;
    offload.gso_size = first_.payload_size;
    offload.checksum_start = first_.ip_header_size;
    // Not complemented: the kernel adds the rest and complements (virtio 1.2, 5.1.6.2).
    const std::uint64_t pseudo = pseudo_header_sum(
        addresses_of(packet, first_.ip_header_size), first_.tcp ? kProtocolTcp : kProtocolUdp,
        transport_size
    );
    store_le<std::uint16_t>(transport + offload.checksum_offset, checksum_fold(pseudo));
    return offload;
}

}  // namespace phantom::wire
