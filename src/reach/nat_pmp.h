#pragma once

// NAT-PMP, which PCP replaced: a mapping of one UDP port, and the gateway's outer address.
// Source: RFC 6886 section 3. No allocation.

#include <array>
#include <cstdint>

#include "reach/errors.h"
#include "wire/address.h"

namespace phantom::reach {

using NatPmpMapMessage = std::array<std::uint8_t, 12>;

inline constexpr std::array<std::uint8_t, 2> kNatPmpAddressRequest{0, 0};

struct NatPmpMapRequest {
    std::uint16_t inner_port = 0;
    std::uint16_t suggested_port = 0;
    std::uint32_t lifetime_s = 0;  // 0: delete it
};
[[nodiscard]] NatPmpMapMessage encode(const NatPmpMapRequest& request);

struct NatPmpResponse {
    std::uint32_t epoch_s = 0;
    wire::Address outer;  // none: this is the answer to a map request
    std::uint16_t inner_port = 0;
    std::uint16_t outer_port = 0;
    std::uint32_t lifetime_s = 0;
};
// kVersion, kRefused with its result code, kMalformed.
[[nodiscard]] Result<NatPmpResponse> parse_nat_pmp_response(ByteView datagram);

}  // namespace phantom::reach
