#pragma once

#include <cstdint>

#include "base/result.h"

namespace phantom::courier {

enum class CourierError : std::uint16_t {
    kCurl,
    kThread,
    kMalformedParcel,
    kTooManyInFlight,
};

[[nodiscard]] const ErrorDomain& error_domain(CourierError code);

}  // namespace phantom::courier
