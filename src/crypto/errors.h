#pragma once

#include <cstdint>

#include "base/result.h"

namespace phantom::crypto {

enum class CryptoError : std::uint16_t {
    kLibraryTooOld,
    kZeroSharedSecret,
    kNotAuthentic,
    kBackendUnavailable,
    kSelfTestFailed,
};

[[nodiscard]] const ErrorDomain& error_domain(CryptoError code);

}  // namespace phantom::crypto
