#include "carrier/errors.h"

namespace phantom::carrier {

namespace {

const char* describe(std::uint16_t code) {
    switch (static_cast<CarrierError>(code)) {
        case CarrierError::kTlsSetup:
            return "OpenSSL refuses what the carrier needs of TLS 1.3";
        case CarrierError::kListen:
            return "cannot listen on the carrier's TCP port";
        case CarrierError::kConnect:
            return "no TCP connection to the carrier";
        case CarrierError::kLoopback:
            return "no socket on loopback for a carrier";
        case CarrierError::kHandshake:
            return "the TLS handshake failed";
        case CarrierError::kClosed:
            return "the other end closed the carrier";
        case CarrierError::kFrameSize:
            return "a frame of a size that no datagram has";
        case CarrierError::kNotWireguard:
            return "a frame that is no WireGuard message";
        case CarrierError::kThread:
            return "cannot start the carrier's thread";
    }
    return "unknown error";
}

constexpr ErrorDomain kDomain{"carrier", describe};

}  // namespace

const ErrorDomain& error_domain(CarrierError /*code*/) {
    return kDomain;
}

}  // namespace phantom::carrier
