#include "api/errors.h"

namespace phantom::api {

namespace {

const char* describe(std::uint16_t code) {
    switch (static_cast<ApiError>(code)) {
        case ApiError::kTargetMalformed:
            return "the request's target is no path with a query";
        case ApiError::kTargetTooLong:
            return "the request's target is too long";
        case ApiError::kTooManyParameters:
            return "the query has too many parameters";
        case ApiError::kCursorMalformed:
            return "the cursor is none that was given out for this list";
        case ApiError::kTokenMalformed:
            return "what was given is no API token";
        case ApiError::kTokenUnknown:
            return "there is no such API token";
        case ApiError::kTooManyTokens:
            return "there are as many API tokens as are kept: revoke one";
        case ApiError::kTokensUnreadable:
            return "the file of API tokens cannot be understood";
        case ApiError::kRoleUnknown:
            return "a role is viewer, responder or administrator";
        case ApiError::kScopeMalformed:
            return "a scope is written as alerts:read or alerts:write; 16 at most";
        case ApiError::kScopeBeyondRole:
            return "a scope goes beyond the role";
        case ApiError::kNameMalformed:
            return "a name has 1 to 63 of a-z, 0-9, '-', '_' and '.'";
        case ApiError::kNameTaken:
            return "an API token of this name is there already";
        case ApiError::kTlsSetup:
            return "OpenSSL refuses what the API needs of TLS 1.3";
        case ApiError::kCertificate:
            return "the API's certificate cannot be used";
        case ApiError::kCertificateKey:
            return "the API's private key cannot be used with its certificate";
        case ApiError::kListen:
            return "cannot listen at the API's address";
        case ApiError::kThread:
            return "cannot start the API's thread";
        case ApiError::kSessionsUnreadable:
            return "the file of sessions cannot be understood";
    }
    return "unknown error";
}

constexpr ErrorDomain kDomain{"api", describe};

}  // namespace

const ErrorDomain& error_domain(ApiError /*code*/) {
    return kDomain;
}

}  // namespace phantom::api
