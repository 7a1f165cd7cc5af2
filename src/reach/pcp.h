#pragma once

// The Port Control Protocol's messages, as far as a mapping of one UDP port over IPv4 needs them.
// Source: RFC 6887 sections 7, 11 and 14.1. No allocation.

#include <array>
#include <cstdint>

#include "reach/errors.h"
#include "wire/address.h"

namespace phantom::reach {

// NAT-PMP's as well.
inline constexpr std::uint16_t kGatewayPort = 5351;
inline constexpr std::uint8_t kPcpVersion = 2;
inline constexpr std::uint8_t kProtocolUdp = 17;

using PcpNonce = std::array<std::uint8_t, 12>;
using PcpMapMessage = std::array<std::uint8_t, 60>;
using PcpAnnounceMessage = std::array<std::uint8_t, 24>;

struct PcpMapRequest {
    wire::Address own;  // IPv4: what the datagram is sent from
    PcpNonce nonce{};
    std::uint16_t inner_port = 0;
    wire::SocketAddress suggested;  // none: the gateway chooses
    std::uint32_t lifetime_s = 0;   // 0: delete it
};
[[nodiscard]] PcpMapMessage encode(const PcpMapRequest& request);
// Asks for nothing but the gateway's epoch.
[[nodiscard]] PcpAnnounceMessage encode_pcp_announce(const wire::Address& own);

// Of a mapping, or of an announcement (then `nonce` and what follows are empty).
struct PcpResponse {
    bool is_map = false;
    std::uint32_t lifetime_s = 0;
    std::uint32_t epoch_s = 0;
    PcpNonce nonce{};
    std::uint8_t protocol = 0;
    std::uint16_t inner_port = 0;
    wire::SocketAddress outer;
};
// kVersion: the gateway knows another one, NAT-PMP perhaps. kRefused, with its result code.
// kMalformed.
[[nodiscard]] Result<PcpResponse> parse_pcp_response(ByteView datagram);

}  // namespace phantom::reach
