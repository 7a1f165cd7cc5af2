#pragma once

#include <cstdint>

#include "base/result.h"

namespace phantom::oidc {

enum class OidcError : std::uint16_t {
    kProviderMalformed,
    kProviderIsAnother,
    kPlaceUnsafe,
    kKeysMalformed,
    kTokenMalformed,
    kAlgorithm,
    kKeyUnknown,
    kSignature,
    kIssuer,
    kAudience,
    kExpired,
    kIssuedAt,
    kNonce,
    kAnswerMalformed,
    kFlowUnknown,
    kTooManyFlows,
};

[[nodiscard]] const ErrorDomain& error_domain(OidcError code);

}  // namespace phantom::oidc
