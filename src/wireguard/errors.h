#pragma once

#include <cstdint>

#include "base/result.h"

namespace phantom::wireguard {

enum class WireguardError : std::uint16_t {
    kTooManyPeers,
    kTooManyAllowedIps,
    kBadAllowedIp,
    kNoIdentity,
    kUnknownPeer,
    kUnknownIndex,
    kReplayedTimestamp,
    kTooFrequent,
};

[[nodiscard]] const ErrorDomain& error_domain(WireguardError code);

}  // namespace phantom::wireguard
