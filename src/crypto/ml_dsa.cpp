#include "crypto/ml_dsa.h"

#include <openssl/core_names.h>
#include <openssl/err.h>

#include "base/assert.h"

namespace phantom::crypto {

namespace {

const char* name_of(MlDsaSet set) {
    return set == MlDsaSet::k65 ? "ML-DSA-65" : "ML-DSA-44";
}

EVP_SIGNATURE* scheme_of(MlDsaSet set) {
    const OpensslObjects& objects = openssl_objects();
    return set == MlDsaSet::k65 ? objects.ml_dsa_65.get() : objects.ml_dsa_44.get();
}

}  // namespace

MlDsaKey::MlDsaKey(MlDsaSet set, std::span<const std::uint8_t, kMlDsaSeedSize> seed) : set_(set) {
    const PkeyContextHandle importer(EVP_PKEY_CTX_new_from_name(nullptr, name_of(set), nullptr));
    PM_ASSERT(importer != nullptr);
    PM_ASSERT(EVP_PKEY_fromdata_init(importer.get()) == 1);
    OSSL_PARAM parameters[] = {
        octets_parameter(OSSL_PKEY_PARAM_ML_DSA_SEED, seed),
        OSSL_PARAM_construct_end(),
    };
    EVP_PKEY* made = nullptr;
    const int done = EVP_PKEY_fromdata(importer.get(), &made, EVP_PKEY_KEYPAIR, parameters);
    PM_ASSERT(done == 1);
    pkey_.reset(made);
}

void MlDsaKey::copy_public_key(MutableBytes out) const {
    PM_ASSERT(out.size() == ml_dsa_public_key_size(set_));
    std::size_t size = out.size();
    const int done = EVP_PKEY_get_raw_public_key(pkey_.get(), out.data(), &size);
    PM_ASSERT(done == 1);
    PM_ASSERT(size == out.size());
}

Status MlDsaKey::sign(ByteView context, ByteView message, MutableBytes out) const {
    PM_ASSERT(out.size() == ml_dsa_signature_size(set_));
    if (context.size() > kMlDsaContextSizeMax) {
        return fail(CryptoError::kContextTooLong);
    }
    int deterministic = 1;
    const OSSL_PARAM parameters[] = {
        octets_parameter(OSSL_SIGNATURE_PARAM_CONTEXT_STRING, context),
        OSSL_PARAM_construct_int(OSSL_SIGNATURE_PARAM_DETERMINISTIC, &deterministic),
        OSSL_PARAM_construct_end(),
    };
    sign_message(pkey_.get(), scheme_of(set_), parameters, message, out);
    return {};
}

Status ml_dsa_verify(
    MlDsaSet set, ByteView public_key, ByteView context, ByteView message, ByteView signature
) {
    if (public_key.size() != ml_dsa_public_key_size(set)) {
        return fail(CryptoError::kMalformedKey);
    }
    if (signature.size() != ml_dsa_signature_size(set)) {
        return fail(CryptoError::kMalformedSignature);
    }
    if (context.size() > kMlDsaContextSizeMax) {
        return fail(CryptoError::kContextTooLong);
    }
    const PkeyHandle pkey(EVP_PKEY_new_raw_public_key_ex(
        nullptr, name_of(set), nullptr, public_key.data(), public_key.size()
    ));
    if (pkey == nullptr) {
        ERR_clear_error();
        return fail(CryptoError::kMalformedKey);
    }
    const OSSL_PARAM parameters[] = {
        octets_parameter(OSSL_SIGNATURE_PARAM_CONTEXT_STRING, context),
        OSSL_PARAM_construct_end(),
    };
    if (!verifies_message(pkey.get(), scheme_of(set), parameters, message, signature)) {
        return fail(CryptoError::kBadSignature);
    }
    return {};
}

}  // namespace phantom::crypto
