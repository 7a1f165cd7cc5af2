#pragma once

#include <cstdint>

#include "base/result.h"

namespace phantom::api {

enum class ApiError : std::uint16_t {
    kTargetMalformed,
    kTargetTooLong,
    kTooManyParameters,
    kCursorMalformed,
    kTokenMalformed,
    kTokenUnknown,
    kTooManyTokens,
    kTokensUnreadable,
    kRoleUnknown,
    kScopeMalformed,
    kScopeBeyondRole,
    kNameMalformed,
    kNameTaken,
    kTlsSetup,
    kCertificate,
    kCertificateKey,
    kListen,
    kThread,
    kSessionsUnreadable,
};

[[nodiscard]] const ErrorDomain& error_domain(ApiError code);

}  // namespace phantom::api
