#include "oidc/errors.h"

namespace phantom::oidc {

namespace {

const char* describe(std::uint16_t code) {
    switch (static_cast<OidcError>(code)) {
        case OidcError::kProviderMalformed:
            return "what the issuer says of itself cannot be understood";
        case OidcError::kProviderIsAnother:
            return "the issuer says that it is another one; 'issuer' has to be exactly what it "
                   "says";
        case OidcError::kPlaceUnsafe:
            return "the issuer names a place that is not https";
        case OidcError::kKeysMalformed:
            return "the issuer's keys cannot be understood";
        case OidcError::kTokenMalformed:
            return "the ID token cannot be understood";
        case OidcError::kAlgorithm:
            return "the ID token is signed in a way that is not accepted: ES256, RS256 and EdDSA "
                   "are";
        case OidcError::kKeyUnknown:
            return "the ID token is signed with a key that the issuer does not publish";
        case OidcError::kSignature:
            return "the signature of the ID token is wrong";
        case OidcError::kIssuer:
            return "the ID token is of another issuer";
        case OidcError::kAudience:
            return "the ID token is for another client";
        case OidcError::kExpired:
            return "the ID token is over; is the clock right?";
        case OidcError::kIssuedAt:
            return "the ID token was made at another time; is the clock right?";
        case OidcError::kNonce:
            return "the ID token answers another question";
        case OidcError::kAnswerMalformed:
            return "the issuer's answer has no ID token";
        case OidcError::kFlowUnknown:
            return "this sign-in was not begun here, or too long ago: begin again";
        case OidcError::kTooManyFlows:
            return "too many sign in at once: try again in a minute";
    }
    return "unknown error";
}

constexpr ErrorDomain kDomain{"oidc", describe};

}  // namespace

const ErrorDomain& error_domain(OidcError /*code*/) {
    return kDomain;
}

}  // namespace phantom::oidc
