#pragma once

// Small IPv4 packets made by hand, for the offload self-test and for tests.

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "wire/address.h"

namespace phantom::io {

struct ProbePacket {
    wire::SocketAddress source;
    wire::SocketAddress destination;
    bool tcp = false;
    std::uint32_t sequence = 0;
    std::uint32_t acknowledgement = 0;
    std::uint8_t tcp_flags = 0;
    std::uint16_t tcp_mss_option = 0;  // 0: none
};

// With correct lengths and checksums.
[[nodiscard]] std::vector<std::uint8_t> make_packet(const ProbePacket& fields, ByteView payload);

}  // namespace phantom::io
