// X25519 (RFC 7748) through OpenSSL, for noise.h.

#include <memory>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "base/assert.h"
#include "crypto/noise.h"
#include "crypto/openssl_objects.h"

namespace phantom::crypto {

namespace {

using Pkey = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using PkeyContext = std::unique_ptr<EVP_PKEY_CTX, Free<EVP_PKEY_CTX_free>>;

// Given a private key alone OpenSSL computes the public one, as dear as the agreement itself
// (33 us of 42). The agreement never reads it, so a placeholder is given instead.
Pkey private_key_for_agreement(const PrivateKey& key) {
    thread_local const PkeyContext importer = [] {
        PkeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "X25519", nullptr));
        PM_ASSERT(context != nullptr);
        PM_ASSERT(EVP_PKEY_fromdata_init(context.get()) == 1);
        return context;
    }();
    PrivateKey copy = key;  // a parameter list takes pointers to mutable data
    std::uint8_t placeholder[32] = {9};
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PRIV_KEY, copy.bytes().data(), 32),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, placeholder, 32),
        OSSL_PARAM_construct_end(),
    };
    EVP_PKEY* imported = nullptr;
    const int done = EVP_PKEY_fromdata(importer.get(), &imported, EVP_PKEY_KEYPAIR, params);
    PM_ASSERT(done == 1);
    return Pkey(imported);
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
    const Pkey pair(
        EVP_PKEY_new_raw_private_key_ex(nullptr, "X25519", nullptr, key.view().data(), 32)
    );
    PM_ASSERT(pair != nullptr);
    PublicKey out;
    std::size_t size = out.size();
    const int done = EVP_PKEY_get_raw_public_key(pair.get(), out.data(), &size);
    PM_ASSERT(done == 1);
    return out;
}

Result<Key> x25519(const PrivateKey& key, const PublicKey& peer) {
    const Pkey ours = private_key_for_agreement(key);
    const Pkey theirs(
        EVP_PKEY_new_raw_public_key_ex(nullptr, "X25519", nullptr, peer.data(), peer.size())
    );
    PM_ASSERT(theirs != nullptr);
    const PkeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, ours.get(), nullptr));
    PM_ASSERT(context != nullptr);
    PM_ASSERT(EVP_PKEY_derive_init(context.get()) == 1);
    PM_ASSERT(EVP_PKEY_derive_set_peer_ex(context.get(), theirs.get(), 0) == 1);
    Key secret;
    std::size_t size = secret.bytes().size();
    // RFC 7748 section 6.1: OpenSSL fails on the all-zero value, and on nothing else here.
    if (EVP_PKEY_derive(context.get(), secret.bytes().data(), &size) != 1) {
        ERR_clear_error();
        return fail(CryptoError::kZeroSharedSecret);
    }
    return secret;
}

}  // namespace phantom::crypto
