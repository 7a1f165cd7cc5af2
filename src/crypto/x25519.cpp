// X25519 (RFC 7748) for noise.h.

#include "crypto/noise.h"
#include "crypto/x25519_backends.h"

namespace phantom::crypto {

namespace {

bool uses_own() {
    static const bool supported = is_own_x25519_supported();
    return supported;
}

}  // namespace

PrivateKey generate_private_key(Random& random) {
    PrivateKey key;
    random.fill(key.bytes());
    // RFC 7748 section 5, decodeScalar25519.
    key.bytes()[0] &= 248;
    key.bytes()[31] &= 127;
    key.bytes()[31] |= 64;
    return key;
}

PublicKey public_key_of(const PrivateKey& key) {
    PublicKey out;
    if (uses_own()) {
        x25519_public_own(key.view(), out);
    } else {
        x25519_public_openssl(key.view(), out);
    }
    return out;
}

Result<Key> x25519(const PrivateKey& key, const PublicKey& peer) {
    Key secret;
    if (uses_own()) {
        x25519_own(key.view(), peer, secret.bytes());
    } else {
        x25519_openssl(key.view(), peer, secret.bytes());
    }
    // RFC 7748 section 6.1: the peer sent a point of small order.
    if (secret.is_zero()) {
        return fail(CryptoError::kZeroSharedSecret);
    }
    return secret;
}

}  // namespace phantom::crypto
