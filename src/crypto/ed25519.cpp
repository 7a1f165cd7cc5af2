#include "crypto/ed25519.h"

#include <openssl/err.h>

#include "base/assert.h"

namespace phantom::crypto {

namespace {

const OSSL_PARAM* no_parameters() {
    static const OSSL_PARAM end = OSSL_PARAM_construct_end();
    return &end;
}

}  // namespace

Ed25519Key::Ed25519Key(std::span<const std::uint8_t, kEd25519SeedSize> seed)
    : pkey_(EVP_PKEY_new_raw_private_key_ex(nullptr, "ED25519", nullptr, seed.data(), seed.size())
      ) {
    PM_ASSERT(pkey_ != nullptr);
}

void Ed25519Key::copy_public_key(std::span<std::uint8_t, kEd25519PublicKeySize> out) const {
    std::size_t size = out.size();
    const int done = EVP_PKEY_get_raw_public_key(pkey_.get(), out.data(), &size);
    PM_ASSERT(done == 1);
    PM_ASSERT(size == out.size());
}

void Ed25519Key::sign(ByteView message, std::span<std::uint8_t, kEd25519SignatureSize> out) const {
    sign_message(pkey_.get(), openssl_objects().ed25519.get(), no_parameters(), message, out);
}

Status ed25519_verify(ByteView public_key, ByteView message, ByteView signature) {
    if (public_key.size() != kEd25519PublicKeySize) {
        return fail(CryptoError::kMalformedKey);
    }
    if (signature.size() != kEd25519SignatureSize) {
        return fail(CryptoError::kMalformedSignature);
    }
    const PkeyHandle pkey(EVP_PKEY_new_raw_public_key_ex(
        nullptr, "ED25519", nullptr, public_key.data(), public_key.size()
    ));
    if (pkey == nullptr) {
        ERR_clear_error();
        return fail(CryptoError::kMalformedKey);
    }
    EVP_SIGNATURE* const scheme = openssl_objects().ed25519.get();
    if (!verifies_message(pkey.get(), scheme, no_parameters(), message, signature)) {
        return fail(CryptoError::kBadSignature);
    }
    return {};
}

}  // namespace phantom::crypto
