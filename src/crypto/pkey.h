#pragma once

// OpenSSL's signing calls, which are the same for every scheme. Inside this component only.

#include <memory>

#include <openssl/evp.h>
#include <openssl/params.h>

#include "base/bytes.h"
#include "crypto/openssl_objects.h"

namespace phantom::crypto {

using PkeyHandle = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using PkeyContextHandle = std::unique_ptr<EVP_PKEY_CTX, Free<EVP_PKEY_CTX_free>>;

// A parameter that OpenSSL only reads, though its lists take pointers to mutable data and refuse
// null ones.
[[nodiscard]] OSSL_PARAM octets_parameter(const char* name, ByteView bytes);

// `parameters` ends with OSSL_PARAM_construct_end(). `out` has the scheme's signature size. Cannot
// fail for a key of the scheme.
void sign_message(
    EVP_PKEY* key, EVP_SIGNATURE* scheme, const OSSL_PARAM* parameters, ByteView message,
    MutableBytes out
);
[[nodiscard]] bool verifies_message(
    EVP_PKEY* key, EVP_SIGNATURE* scheme, const OSSL_PARAM* parameters, ByteView message,
    ByteView signature
);

}  // namespace phantom::crypto
