#include "crypto/sha256.h"

#include "base/assert.h"
#include "crypto/openssl_objects.h"

namespace phantom::crypto {

Hash sha256(std::initializer_list<ByteView> parts) {
    thread_local const std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
    PM_ASSERT(context != nullptr);
    int done = EVP_DigestInit_ex2(context.get(), openssl_objects().sha256.get(), nullptr);
    PM_ASSERT(done == 1);
    for (const ByteView part : parts) {
        done = EVP_DigestUpdate(context.get(), part.data(), part.size());
        PM_ASSERT(done == 1);
    }
    Hash digest;
    done = EVP_DigestFinal_ex(context.get(), digest.data(), nullptr);
    PM_ASSERT(done == 1);
    return digest;
}

}  // namespace phantom::crypto
