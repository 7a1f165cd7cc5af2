#include "crypto/hkdf.h"

#include <memory>

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "base/assert.h"
#include "crypto/openssl_objects.h"
#include "crypto/pkey.h"

namespace phantom::crypto {

Status hkdf_sha256(ByteView ikm, ByteView salt, ByteView info, MutableBytes out) {
    if (out.size() > kHkdfSha256SizeMax) {
        return fail(CryptoError::kOutputTooLong, static_cast<std::uint32_t>(out.size()));
    }
    if (out.empty()) {
        return {};
    }
    thread_local const std::unique_ptr<EVP_KDF_CTX, Free<EVP_KDF_CTX_free>> context(
        EVP_KDF_CTX_new(openssl_objects().hkdf.get())
    );
    PM_ASSERT(context != nullptr);
    char digest[] = "SHA256";
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
        octets_parameter(OSSL_KDF_PARAM_KEY, ikm),
        octets_parameter(OSSL_KDF_PARAM_SALT, salt),
        octets_parameter(OSSL_KDF_PARAM_INFO, info),
        OSSL_PARAM_construct_end(),
    };
    EVP_KDF_CTX_reset(context.get());
    const int derived = EVP_KDF_derive(context.get(), out.data(), out.size(), params);
    EVP_KDF_CTX_reset(context.get());
    PM_ASSERT(derived == 1);
    return {};
}

}  // namespace phantom::crypto
