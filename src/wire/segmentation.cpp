#include "wire/segmentation.h"

#include <algorithm>
#include <cstring>

#include "wire/checksum.h"
#include "wire/transport.h"

namespace phantom::wire {

namespace {

void store_checksum(std::uint8_t* field, std::uint64_t sum) {
    store_le<std::uint16_t>(field, static_cast<std::uint16_t>(~checksum_fold(sum)));
}

}  // namespace

Result<SegmentPlan> SegmentPlan::make(const VnetHeader& offload, ByteView packet) {
    const IpPacket ip = PM_TRY(parse_ip(packet));
    const auto type = static_cast<GsoType>(offload.gso_type & ~kGsoEcnFlag);
    SegmentPlan plan;
    plan.ipv4_ = ip.source.family == Family::kV4;
    plan.tcp_ = type == GsoType::kTcpV4 || type == GsoType::kTcpV6;
    const bool known = type == GsoType::kUdpL4 || (type == GsoType::kTcpV4 && plan.ipv4_) ||
                       (type == GsoType::kTcpV6 && !plan.ipv4_);
    if (!known || offload.gso_size == 0 || (offload.flags & kVnetNeedsChecksum) == 0) {
        return fail(WireError::kBadOffloadHeader);
    }
    // The transport header begins where its checksum does. The header's own `header_size` may span
    // the whole first packet on the forwarding path, so it says nothing.
    plan.transport_offset_ = offload.checksum_start;
    const std::size_t transport_min = plan.tcp_ ? kTcpHeaderSizeMin : kUdpHeaderSize;
    if (plan.transport_offset_ < ip.header_size ||
        plan.transport_offset_ + transport_min > ip.total_size) {
        return fail(WireError::kBadOffloadHeader);
    }
    std::size_t transport_size = kUdpHeaderSize;
    if (plan.tcp_) {
        transport_size = (packet[plan.transport_offset_ + 12] >> 4U) * std::size_t{4};
        if (transport_size < kTcpHeaderSizeMin) {
            return fail(WireError::kBadHeaderLength);
        }
    }
    plan.header_size_ = plan.transport_offset_ + transport_size;
    if (plan.header_size_ > kSegmentHeaderSizeMax || plan.header_size_ >= ip.total_size) {
        return fail(WireError::kBadOffloadHeader);
    }
    plan.payload_total_ = ip.total_size - plan.header_size_;
    plan.segment_payload_size_ = offload.gso_size;
    plan.count_ = (plan.payload_total_ + offload.gso_size - 1) / offload.gso_size;
    std::copy_n(packet.data(), plan.header_size_, plan.header_.data());
    return plan;
}

void SegmentPlan::write_header(std::size_t index, ByteView payload, std::uint8_t* out) const {
    std::memcpy(out, header_.data(), header_size_);
    const std::size_t total = header_size_ + payload.size();
    const std::size_t transport_size = total - transport_offset_;
    ByteView addresses;
    if (ipv4_) {
        store_be<std::uint16_t>(out + 2, static_cast<std::uint16_t>(total));
        const auto id = load_be<std::uint16_t>(out + 4);
        store_be<std::uint16_t>(out + 4, static_cast<std::uint16_t>(id + index));
        store_le<std::uint16_t>(out + 10, 0);
        const std::size_t ip_header_size = (out[0] & 0x0fU) * std::size_t{4};
        store_checksum(out + 10, checksum_add({out, ip_header_size}));
        addresses = {out + 12, 8};
    } else {
        store_be<std::uint16_t>(out + 4, static_cast<std::uint16_t>(total - kIpv6HeaderSize));
        addresses = {out + 8, 32};
    }

    std::uint8_t* transport = out + transport_offset_;
    std::uint8_t* checksum = transport + kUdpChecksumOffset;
    if (tcp_) {
        checksum = transport + kTcpChecksumOffset;
        const auto sequence = load_be<std::uint32_t>(transport + 4);
        store_be<std::uint32_t>(
            transport + 4, sequence + static_cast<std::uint32_t>(index * segment_payload_size_)
        );
        if (index + 1 < count_) {
            transport[kTcpFlagsOffset] &= static_cast<std::uint8_t>(~(kTcpFin | kTcpPsh));
        }
        if (index > 0) {
            transport[kTcpFlagsOffset] &= static_cast<std::uint8_t>(~kTcpCwr);
        }
    } else {
        store_be<std::uint16_t>(transport + 4, static_cast<std::uint16_t>(transport_size));
    }
    store_le<std::uint16_t>(checksum, 0);
    std::uint64_t sum =
        pseudo_header_sum(addresses, tcp_ ? kProtocolTcp : kProtocolUdp, transport_size);
    sum = checksum_add({transport, header_size_ - transport_offset_}, sum);
    // The transport header is a multiple of 4 bytes, so the payload starts on a 16-bit boundary.
    sum = checksum_add(payload, sum);
    store_checksum(checksum, sum);
    if (!tcp_ && load_le<std::uint16_t>(checksum) == 0) {
        store_le<std::uint16_t>(checksum, 0xffff);  // RFC 768: zero would mean "none"
    }
}

Status finish_checksum(const VnetHeader& offload, const IpPacket& ip, MutableBytes packet) {
    const std::size_t start = offload.checksum_start;
    const std::size_t field = start + offload.checksum_offset;
    if (start < ip.header_size || start >= packet.size() || field + 2 > packet.size()) {
        return fail(WireError::kBadOffloadHeader);
    }
    const std::uint64_t sum = checksum_add(packet.subspan(start));
    store_checksum(&packet[field], sum);
    if (offload.checksum_offset == kUdpChecksumOffset &&
        load_le<std::uint16_t>(&packet[field]) == 0) {
        store_le<std::uint16_t>(&packet[field], 0xffff);
    }
    return {};
}

}  // namespace phantom::wire
