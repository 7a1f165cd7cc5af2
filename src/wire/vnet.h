#pragma once

// The 10-byte virtio-net header in front of each packet of a TUN opened with IFF_VNET_HDR
// (virtio 1.2, 5.1.6; Linux uapi/linux/virtio_net.h). Fields in native byte order.

#include <cstddef>
#include <cstdint>

namespace phantom::wire {

enum class GsoType : std::uint8_t { kNone = 0, kTcpV4 = 1, kTcpV6 = 4, kUdpL4 = 5 };

// OR-ed into gso_type: the packet carries TCP with CWR to be kept on the first segment only.
inline constexpr std::uint8_t kGsoEcnFlag = 0x80;
// The checksum field holds the pseudo-header sum; the rest is to be added.
inline constexpr std::uint8_t kVnetNeedsChecksum = 1;

struct [[gnu::packed]] VnetHeader {
    std::uint8_t flags = 0;
    std::uint8_t gso_type = 0;
    std::uint16_t header_size = 0;  // a hint that is wrong on forwarded packets: never used
    std::uint16_t gso_size = 0;
    std::uint16_t checksum_start = 0;
    std::uint16_t checksum_offset = 0;
};
static_assert(sizeof(VnetHeader) == 10);

inline constexpr std::size_t kVnetHeaderSize = sizeof(VnetHeader);

}  // namespace phantom::wire
