#pragma once

// The OpenSSL algorithms this component uses, fetched once. A fetch walks the provider tables under
// a lock (about 1 us), so nothing else in the component calls EVP_*_fetch.

#include <memory>

#include <openssl/evp.h>
#include <openssl/kdf.h>

namespace phantom::crypto {

template <auto Function>
struct Free {
    template <class T>
    void operator()(T* object) const noexcept {
        Function(object);
    }
};

using Cipher = std::unique_ptr<EVP_CIPHER, Free<EVP_CIPHER_free>>;
using Kdf = std::unique_ptr<EVP_KDF, Free<EVP_KDF_free>>;
using SignatureScheme = std::unique_ptr<EVP_SIGNATURE, Free<EVP_SIGNATURE_free>>;
using Digest = std::unique_ptr<EVP_MD, Free<EVP_MD_free>>;
using Kem = std::unique_ptr<EVP_KEM, Free<EVP_KEM_free>>;

struct OpensslObjects {
    Cipher chacha20_poly1305;
    Kdf hkdf;
    SignatureScheme ed25519;
    SignatureScheme ml_dsa_44;
    SignatureScheme ml_dsa_65;
    Digest sha256;
    Kem ml_kem_768;  // only asked for: EVP_PKEY finds it by itself

    // Whether the library had them all.
    [[nodiscard]] bool is_complete() const {
        return chacha20_poly1305 && hkdf && ed25519 && ml_dsa_44 && ml_dsa_65 && sha256 &&
               ml_kem_768;
    }
};

// Safe from any thread; constant after the first call.
[[nodiscard]] const OpensslObjects& openssl_objects();

}  // namespace phantom::crypto
