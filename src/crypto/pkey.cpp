#include "crypto/pkey.h"

#include <openssl/err.h>

#include "base/assert.h"

namespace phantom::crypto {

namespace {

// An empty span may have a null pointer, which OpenSSL takes for "tell me the size".
const std::uint8_t* data_of(ByteView bytes) {
    static constexpr std::uint8_t kNothing = 0;
    return bytes.empty() ? &kNothing : bytes.data();
}

}  // namespace

OSSL_PARAM octets_parameter(const char* name, ByteView bytes) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): see the header.
    auto* data = const_cast<std::uint8_t*>(data_of(bytes));
    return OSSL_PARAM_construct_octet_string(name, data, bytes.size());
}

void sign_message(
    EVP_PKEY* key, EVP_SIGNATURE* scheme, const OSSL_PARAM* parameters, ByteView message,
    MutableBytes out
) {
    const PkeyContextHandle context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
    PM_ASSERT(context != nullptr);
    const int ready = EVP_PKEY_sign_message_init(context.get(), scheme, parameters);
    PM_ASSERT(ready == 1);
    std::size_t size = out.size();
    const int done =
        EVP_PKEY_sign(context.get(), out.data(), &size, data_of(message), message.size());
    PM_ASSERT(done == 1);
    PM_ASSERT(size == out.size());
}

bool verifies_message(
    EVP_PKEY* key, EVP_SIGNATURE* scheme, const OSSL_PARAM* parameters, ByteView message,
    ByteView signature
) {
    const PkeyContextHandle context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
    PM_ASSERT(context != nullptr);
    const int ready = EVP_PKEY_verify_message_init(context.get(), scheme, parameters);
    PM_ASSERT(ready == 1);
    const int verdict = EVP_PKEY_verify(
        context.get(), signature.data(), signature.size(), data_of(message), message.size()
    );
    // A refusal leaves its reason in OpenSSL's queue, where the next caller would find it.
    if (verdict != 1) {
        ERR_clear_error();
    }
    return verdict == 1;
}

}  // namespace phantom::crypto
