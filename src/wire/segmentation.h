#pragma once

// Cutting one offloaded packet from the TUN (TSO, USO) into the packets it stands for. Pure: the
// caller decides where the segments go; nothing here copies a payload byte.
//
// Source: Linux Documentation/networking/segmentation-offloads.rst; RFC 9293 for FIN and PSH.

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "wire/errors.h"
#include "wire/ip.h"
#include "wire/vnet.h"

namespace phantom::wire {

// IPv4 with options and TCP with options is 120; IPv6 with extension headers may be more.
inline constexpr std::size_t kSegmentHeaderSizeMax = 256;

class SegmentPlan {
  public:
    // `packet` is what follows the VnetHeader, whose gso_type is not kNone.
    [[nodiscard]] static Result<SegmentPlan> make(const VnetHeader& offload, ByteView packet);

    [[nodiscard]] std::size_t count() const { return count_; }
    [[nodiscard]] std::size_t header_size() const { return header_size_; }
    // Where segment `index`'s payload starts in the offloaded packet, and its size.
    [[nodiscard]] std::size_t payload_offset(std::size_t index) const {
        return header_size_ + index * segment_payload_size_;
    }
    [[nodiscard]] std::size_t payload_size(std::size_t index) const {
        return index + 1 < count_ ? segment_payload_size_
                                  : payload_total_ - index * segment_payload_size_;
    }

    // The full header of segment `index`, checksums included; `payload` is its bytes and `out` has
    // header_size() of room.
    void write_header(std::size_t index, ByteView payload, std::uint8_t* out) const;

  private:
    SegmentPlan() = default;

    std::array<std::uint8_t, kSegmentHeaderSizeMax> header_{};  // as the kernel gave it
    std::size_t header_size_ = 0;
    std::size_t transport_offset_ = 0;
    std::size_t segment_payload_size_ = 0;
    std::size_t payload_total_ = 0;
    std::size_t count_ = 0;
    bool tcp_ = false;
    bool ipv4_ = false;
};

// Completes the transport checksum of a packet the kernel left unfinished (kVnetNeedsChecksum,
// gso_type kNone); `ip` is what parse_ip said of it. A checksum that would lie in the IP header is
// refused (WireError::kBadOffloadHeader) and nothing is changed.
[[nodiscard]] Status finish_checksum(
    const VnetHeader& offload, const IpPacket& ip, MutableBytes packet
);

}  // namespace phantom::wire
