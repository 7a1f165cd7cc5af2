#include "oidc/key_set.h"

#include <algorithm>
#include <array>

#include <boost/json.hpp>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/param_build.h>

#include "base/base64url.h"
#include "fields/fields.h"
#include "oidc/provider.h"

namespace phantom::oidc {

namespace {

namespace json = boost::json;

using KeyContext = std::unique_ptr<EVP_PKEY_CTX, crypto::Free<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, crypto::Free<EVP_MD_CTX_free>>;
using Number = std::unique_ptr<BIGNUM, crypto::Free<BN_free>>;
using ParamBuilder = std::unique_ptr<OSSL_PARAM_BLD, crypto::Free<OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, crypto::Free<OSSL_PARAM_free>>;
using EcSignature = std::unique_ptr<ECDSA_SIG, crypto::Free<ECDSA_SIG_free>>;

constexpr std::size_t kP256Size = 32;
constexpr std::size_t kEd25519Size = 32;

PublicKey key_from(const char* type, OSSL_PARAM* params) {
    const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* made = nullptr;
    if (!context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, params) != 1) {
        return nullptr;
    }
    return PublicKey(made);
}

// RFC 7518 section 6.2.
PublicKey p256_key(const json::object& record) {
    const auto x = from_base64url(fields::word_at(record, "x"));
    const auto y = from_base64url(fields::word_at(record, "y"));
    if (fields::word_at(record, "crv") != "P-256" || !x || !y || x->size() != kP256Size ||
        y->size() != kP256Size) {
        return nullptr;
    }
    std::array<std::uint8_t, 1 + 2 * kP256Size> point{0x04};
    std::ranges::copy(*x, point.begin() + 1);
    std::ranges::copy(*y, point.begin() + 1 + kP256Size);
    std::string curve = "P-256";
    std::array<OSSL_PARAM, 3> params{
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, curve.data(), curve.size()),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
        OSSL_PARAM_construct_end(),
    };
    return key_from("EC", params.data());
}

// Section 6.3.
PublicKey rsa_key(const json::object& record) {
    const auto modulus = from_base64url(fields::word_at(record, "n"));
    const auto exponent = from_base64url(fields::word_at(record, "e"));
    constexpr std::size_t kExponentSizeMax = 8;
    if (!modulus || !exponent || modulus->size() > kRsaBitsMax / 8 ||
        exponent->size() > kExponentSizeMax) {
        return nullptr;
    }
    const Number n(BN_bin2bn(modulus->data(), static_cast<int>(modulus->size()), nullptr));
    const Number e(BN_bin2bn(exponent->data(), static_cast<int>(exponent->size()), nullptr));
    const ParamBuilder builder(OSSL_PARAM_BLD_new());
    // An even modulus or exponent, and 1, are nobody's.
    const bool is_sound = n && e && builder && BN_num_bits(n.get()) >= kRsaBitsMin &&
                          BN_is_odd(n.get()) == 1 && BN_is_odd(e.get()) == 1 &&
                          BN_is_one(e.get()) == 0;
    if (!is_sound || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
        return nullptr;
    }
    const Params params(OSSL_PARAM_BLD_to_param(builder.get()));
    return params ? key_from("RSA", params.get()) : nullptr;
}

// RFC 8037 section 2.
PublicKey ed25519_key(const json::object& record) {
    const auto x = from_base64url(fields::word_at(record, "x"));
    if (fields::word_at(record, "crv") != "Ed25519" || !x || x->size() != kEd25519Size) {
        return nullptr;
    }
    return PublicKey(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, x->data(), x->size()));
}

// Both halves, of fixed size, as OpenSSL has them.
std::vector<std::uint8_t> der_of(ByteView signature) {
    if (signature.size() != 2 * kP256Size) {
        return {};
    }
    const EcSignature pair(ECDSA_SIG_new());
    Number r(BN_bin2bn(signature.data(), kP256Size, nullptr));
    Number s(BN_bin2bn(signature.data() + kP256Size, kP256Size, nullptr));
    if (!pair || !r || !s || ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1) {
        return {};
    }
    (void)r.release();
    (void)s.release();
    const int size = i2d_ECDSA_SIG(pair.get(), nullptr);
    std::vector<std::uint8_t> der(static_cast<std::size_t>(std::max(size, 0)));
    std::uint8_t* out = der.data();
    return size > 0 && i2d_ECDSA_SIG(pair.get(), &out) == size ? der : std::vector<std::uint8_t>();
}

}  // namespace

std::optional<Algorithm> algorithm_named(std::string_view name) {
    return name == "ES256"   ? std::optional(Algorithm::kEs256)
           : name == "RS256" ? std::optional(Algorithm::kRs256)
           : name == "EdDSA" ? std::optional(Algorithm::kEdDsa)
                             : std::nullopt;
}

Result<KeySet> KeySet::read(std::string_view text) {
    boost::system::error_code bad;
    const json::value value = text.size() > kDocumentSizeMax
                                  ? json::value()
                                  : json::parse(json::string_view(text.data(), text.size()), bad);
    const json::value* list =
        bad || !value.is_object() ? nullptr : value.get_object().if_contains("keys");
    if (list == nullptr || !list->is_array()) {
        return fail(OidcError::kKeysMalformed);
    }
    KeySet set;
    for (const json::value& each : list->get_array()) {
        if (!each.is_object() || set.keys_.size() == kKeysMax) {
            continue;
        }
        const json::object& record = each.get_object();
        const std::string_view type = fields::word_at(record, "kty");
        const std::string_view use = fields::word_at(record, "use");
        Key key{.id = std::string(fields::word_at(record, "kid")), .algorithm = {}, .key = nullptr};
        if (type == "EC") {
            key.algorithm = Algorithm::kEs256;
            key.key = p256_key(record);
        } else if (type == "RSA") {
            key.algorithm = Algorithm::kRs256;
            key.key = rsa_key(record);
        } else if (type == "OKP") {
            key.algorithm = Algorithm::kEdDsa;
            key.key = ed25519_key(record);
        }
        const std::string_view named = fields::word_at(record, "alg");
        const bool is_meant = named.empty() || algorithm_named(named) == key.algorithm;
        if (key.key != nullptr && is_meant && (use.empty() || use == "sig")) {
            set.keys_.push_back(std::move(key));
        }
    }
    ERR_clear_error();
    return set;
}

const EVP_PKEY* KeySet::find(Algorithm algorithm, std::string_view id) const {
    const EVP_PKEY* found = nullptr;
    for (const Key& each : keys_) {
        if (each.algorithm != algorithm || (!id.empty() && each.id != id)) {
            continue;
        }
        if (found != nullptr) {
            return nullptr;  // which of them?
        }
        found = each.key.get();
    }
    return found;
}

bool verifies(
    const EVP_PKEY* key, Algorithm algorithm, std::string_view signed_text, ByteView signature
) {
    std::vector<std::uint8_t> der;
    if (algorithm == Algorithm::kEs256) {
        der = der_of(signature);
        signature = der;
    }
    if (signature.empty()) {
        return false;
    }
    const DigestContext context(EVP_MD_CTX_new());
    const char* digest = algorithm == Algorithm::kEdDsa ? nullptr : "SHA256";
    // OpenSSL takes away a const here that it does not use.
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast)
    auto* const borrowed = const_cast<EVP_PKEY*>(key);
    const bool is_good =
        context != nullptr &&
        EVP_DigestVerifyInit_ex(
            context.get(), nullptr, digest, nullptr, nullptr, borrowed, nullptr
        ) == 1 &&
        EVP_DigestVerify(
            context.get(), signature.data(), signature.size(),
            reinterpret_cast<const std::uint8_t*>(signed_text.data()), signed_text.size()
        ) == 1;
    ERR_clear_error();
    return is_good;
}

}  // namespace phantom::oidc
