#pragma once

#include <cstdint>

#include "base/result.h"

namespace phantom::detect {

enum class DetectError : std::uint16_t {
    kNotACapture,
    kCaptureCut,
    kBadRecordLength,
    kBadBlockLength,
    kCaptureUnreadable,
};

[[nodiscard]] const ErrorDomain& error_domain(DetectError code);

}  // namespace phantom::detect
