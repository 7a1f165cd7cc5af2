#pragma once

#include <cstdint>

#include "base/result.h"

namespace phantom::crypto {

enum class CryptoError : std::uint16_t {
    kLibraryTooOld,
    kAlgorithmMissing,
    kZeroSharedSecret,
    kNotAuthentic,
    kBackendUnavailable,
    kSelfTestFailed,
    kOutputTooLong,
    kUnknownSignatureAlgorithm,
    kMalformedKey,
    kMalformedSignature,
    kBadSignature,
    kContextTooLong,
    kBadEncapsulationKey,
    kBadCiphertextSize,
};

[[nodiscard]] const ErrorDomain& error_domain(CryptoError code);

}  // namespace phantom::crypto
