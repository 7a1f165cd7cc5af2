#include "crypto/ml_kem.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "base/assert.h"
#include "crypto/openssl_objects.h"

namespace phantom::crypto {

namespace {

using Pkey = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using PkeyContext = std::unique_ptr<EVP_PKEY_CTX, Free<EVP_PKEY_CTX_free>>;

constexpr const char* kAlgorithm = "ML-KEM-768";

PkeyContext context_of(EVP_PKEY* key) {
    PkeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
    PM_ASSERT(context != nullptr);
    return context;
}

}  // namespace

void KemKeyPair::FreeKey::operator()(evp_pkey_st* key) const noexcept {
    EVP_PKEY_free(key);
}

KemKeyPair::KemKeyPair(KemKeyPair&&) noexcept = default;
KemKeyPair& KemKeyPair::operator=(KemKeyPair&&) noexcept = default;
KemKeyPair::~KemKeyPair() = default;

KemKeyPair::KemKeyPair(OpensslKey key) : key_(std::move(key)) {
    std::size_t size = public_key_.size();
    const int done = EVP_PKEY_get_raw_public_key(key_.get(), public_key_.data(), &size);
    PM_ASSERT(done == 1);
    PM_ASSERT(size == kKemPublicKeySize);
}

Result<KemKeyPair> KemKeyPair::from_seed(const KemSeed& seed) {
    const PkeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, kAlgorithm, nullptr));
    if (context == nullptr || EVP_PKEY_keygen_init(context.get()) != 1) {
        ERR_clear_error();
        return fail(CryptoError::kAlgorithmMissing);
    }
    KemSeed copy = seed;  // a parameter list takes pointers to mutable data
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string(
            OSSL_PKEY_PARAM_ML_KEM_SEED, copy.bytes().data(), kKemSeedSize
        ),
        OSSL_PARAM_construct_end(),
    };
    // Not EVP_PKEY_fromdata, which tries every imported key on a message first (120 us, not 55).
    EVP_PKEY* made = nullptr;
    PM_ASSERT(EVP_PKEY_CTX_set_params(context.get(), params) == 1);
    const int done = EVP_PKEY_generate(context.get(), &made);
    PM_ASSERT(done == 1);  // any 64 bytes are a seed
    return KemKeyPair(OpensslKey(made));
}

Result<KemKeyPair> KemKeyPair::generate(Random& random) {
    KemSeed seed;
    random.fill(seed.bytes());
    return from_seed(seed);
}

Result<Key> KemKeyPair::decapsulate(ByteView ciphertext) const {
    if (ciphertext.size() != kKemCiphertextSize) {
        return fail(CryptoError::kBadCiphertextSize, static_cast<std::uint32_t>(ciphertext.size()));
    }
    const PkeyContext context = context_of(key_.get());
    PM_ASSERT(EVP_PKEY_decapsulate_init(context.get(), nullptr) == 1);
    Key secret;
    std::size_t size = secret.bytes().size();
    const int done = EVP_PKEY_decapsulate(
        context.get(), secret.bytes().data(), &size, ciphertext.data(), ciphertext.size()
    );
    PM_ASSERT(done == 1);
    PM_ASSERT(size == secret.bytes().size());
    return secret;
}

Result<Encapsulation> encapsulate(const KemPublicKey& to, Random& random) {
    const Pkey key(
        EVP_PKEY_new_raw_public_key_ex(nullptr, kAlgorithm, nullptr, to.data(), to.size())
    );
    if (key == nullptr) {
        ERR_clear_error();
        return fail(CryptoError::kBadEncapsulationKey);
    }
    Key entropy;
    random.fill(entropy.bytes());
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string(OSSL_KEM_PARAM_IKME, entropy.bytes().data(), 32),
        OSSL_PARAM_construct_end(),
    };
    const PkeyContext context = context_of(key.get());
    PM_ASSERT(EVP_PKEY_encapsulate_init(context.get(), params) == 1);
    Encapsulation out;
    std::size_t ciphertext_size = out.ciphertext.size();
    std::size_t secret_size = out.secret.bytes().size();
    const int done = EVP_PKEY_encapsulate(
        context.get(), out.ciphertext.data(), &ciphertext_size, out.secret.bytes().data(),
        &secret_size
    );
    PM_ASSERT(done == 1);
    PM_ASSERT(ciphertext_size == kKemCiphertextSize);
    PM_ASSERT(secret_size == out.secret.bytes().size());
    return out;
}

}  // namespace phantom::crypto
