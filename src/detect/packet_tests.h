#pragma once

// What rules ask of a packet's headers.

#include "detect/packet.h"
#include "detect/rule.h"

namespace phantom::detect {

[[nodiscard]] bool holds(const PacketTest& test, const Packet& packet);

// Protocol, addresses and ports. `application` is what the packet's flow was recognised as.
[[nodiscard]] bool header_holds(const Rule& rule, const Packet& packet, AppProtocol application);

// tcp.hdr and its kin; none where the packet has no such header.
[[nodiscard]] std::optional<ByteView> header_buffer(BufferId buffer, const Packet& packet);

}  // namespace phantom::detect
