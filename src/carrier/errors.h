#pragma once

#include <cstdint>

#include "base/result.h"

namespace phantom::carrier {

enum class CarrierError : std::uint16_t {
    kTlsSetup,
    kListen,
    kConnect,
    kLoopback,
    kHandshake,
    kClosed,
    kFrameSize,
    kNotWireguard,
    kThread,
};

[[nodiscard]] const ErrorDomain& error_domain(CarrierError code);

}  // namespace phantom::carrier
