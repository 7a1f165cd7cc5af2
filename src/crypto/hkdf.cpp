#include "crypto/hkdf.h"

#include <memory>

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "base/assert.h"
#include "crypto/openssl_objects.h"

namespace phantom::crypto {

namespace {

// OpenSSL's parameter lists take pointers to mutable data, which it only reads, and refuse null.
OSSL_PARAM octets(const char* name, ByteView bytes) {
    static std::uint8_t nothing = 0;
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): see above.
    void* data = bytes.empty() ? &nothing : const_cast<std::uint8_t*>(bytes.data());
    return OSSL_PARAM_construct_octet_string(name, data, bytes.size());
}

}  // namespace

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
        octets(OSSL_KDF_PARAM_KEY, ikm),
        octets(OSSL_KDF_PARAM_SALT, salt),
        octets(OSSL_KDF_PARAM_INFO, info),
        OSSL_PARAM_construct_end(),
    };
    EVP_KDF_CTX_reset(context.get());
    const int derived = EVP_KDF_derive(context.get(), out.data(), out.size(), params);
    EVP_KDF_CTX_reset(context.get());
    PM_ASSERT(derived == 1);
    return {};
}

}  // namespace phantom::crypto
