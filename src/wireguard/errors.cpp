#include "wireguard/errors.h"

namespace phantom::wireguard {

namespace {

const char* describe(std::uint16_t code) {
    switch (static_cast<WireguardError>(code)) {
        case WireguardError::kTooManyPeers:
            return "more peers than one device can hold";
        case WireguardError::kTooManyAllowedIps:
            return "more allowed IPs than one device can hold";
        case WireguardError::kBadAllowedIp:
            return "allowed IP is neither IPv4 nor IPv6";
        case WireguardError::kNoIdentity:
            return "no usable private key, or a public key of low order";
        case WireguardError::kUnknownPeer:
            return "no such peer";
        case WireguardError::kUnknownIndex:
            return "no handshake waits under this index";
        case WireguardError::kReplayedTimestamp:
            return "initiation is not newer than the last one";
        case WireguardError::kTooFrequent:
            return "peer initiates too often";
    }
    return "unknown error";
}

constexpr ErrorDomain kDomain{"wireguard", describe};

}  // namespace

const ErrorDomain& error_domain(WireguardError /*code*/) {
    return kDomain;
}

}  // namespace phantom::wireguard
