#include "crypto/openssl_objects.h"

namespace phantom::crypto {

const OpensslObjects& openssl_objects() {
    static const OpensslObjects objects{
        .chacha20_poly1305 = Cipher(EVP_CIPHER_fetch(nullptr, "ChaCha20-Poly1305", nullptr)),
        .hkdf = Kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr)),
        .ed25519 = SignatureScheme(EVP_SIGNATURE_fetch(nullptr, "ED25519", nullptr)),
        .ml_dsa_44 = SignatureScheme(EVP_SIGNATURE_fetch(nullptr, "ML-DSA-44", nullptr)),
        .ml_dsa_65 = SignatureScheme(EVP_SIGNATURE_fetch(nullptr, "ML-DSA-65", nullptr)),
        .sha256 = Digest(EVP_MD_fetch(nullptr, "SHA2-256", nullptr)),
        .ml_kem_768 = Kem(EVP_KEM_fetch(nullptr, "ML-KEM-768", nullptr)),
    };
    return objects;
}

}  // namespace phantom::crypto
