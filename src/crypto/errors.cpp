#include "crypto/errors.h"

namespace phantom::crypto {

namespace {

const char* describe(std::uint16_t code) {
    switch (static_cast<CryptoError>(code)) {
        case CryptoError::kLibraryTooOld:
            return "OpenSSL is older than 3.5";
        case CryptoError::kAlgorithmMissing:
            return "OpenSSL lacks an algorithm the program needs";
        case CryptoError::kZeroSharedSecret:
            return "shared secret is zero";
        case CryptoError::kNotAuthentic:
            return "authentication tag does not match";
        case CryptoError::kBackendUnavailable:
            return "this processor cannot run the cipher backend";
        case CryptoError::kSelfTestFailed:
            return "known-answer self-test failed";
        case CryptoError::kOutputTooLong:
            return "more output asked for than the function can give";
        case CryptoError::kUnknownSignatureAlgorithm:
            return "unknown signature algorithm";
        case CryptoError::kMalformedKey:
            return "public key has the wrong size or form";
        case CryptoError::kMalformedSignature:
            return "signature has the wrong size";
        case CryptoError::kBadSignature:
            return "signature does not verify";
        case CryptoError::kContextTooLong:
            return "signature context is longer than 255 bytes";
        case CryptoError::kBadEncapsulationKey:
            return "ML-KEM encapsulation key has a coefficient that is not reduced";
        case CryptoError::kBadCiphertextSize:
            return "ML-KEM ciphertext has the wrong size";
    }
    return "unknown error";
}

constexpr ErrorDomain kDomain{"crypto", describe};

}  // namespace

const ErrorDomain& error_domain(CryptoError /*code*/) {
    return kDomain;
}

}  // namespace phantom::crypto
