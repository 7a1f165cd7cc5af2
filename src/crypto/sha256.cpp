#include "crypto/sha256.h"

#include "base/assert.h"
#include "crypto/openssl_objects.h"

namespace phantom::crypto {

struct Sha256::Context {
    std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>> openssl{EVP_MD_CTX_new()};
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {
    PM_ASSERT(context_->openssl != nullptr);
    const int done =
        EVP_DigestInit_ex2(context_->openssl.get(), openssl_objects().sha256.get(), nullptr);
    PM_ASSERT(done == 1);
}
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
Sha256::~Sha256() = default;

void Sha256::add(ByteView part) {
    const int done = EVP_DigestUpdate(context_->openssl.get(), part.data(), part.size());
    PM_ASSERT(done == 1);
}

Hash Sha256::finish() {
    Hash digest;
    const int done = EVP_DigestFinal_ex(context_->openssl.get(), digest.data(), nullptr);
    PM_ASSERT(done == 1);
    return digest;
}

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
