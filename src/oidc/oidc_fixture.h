#pragma once

// For tests only: an issuer that makes keys and signs whatever it is told to.

#include <array>
#include <memory>
#include <string>
#include <vector>

#include <boost/json.hpp>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "base/base64url.h"
#include "crypto/openssl_objects.h"
#include "oidc/key_set.h"

namespace phantom::oidc::test {

namespace json = boost::json;
using Bytes = std::vector<std::uint8_t>;

inline std::string text64(std::string_view text) {
    return to_base64url({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

class SigningKey {
  public:
    SigningKey(Algorithm algorithm, std::string id)
        : algorithm_(algorithm),
          id_(std::move(id)),
          key_(
              algorithm == Algorithm::kEs256   ? EVP_EC_gen("P-256")
              : algorithm == Algorithm::kRs256 ? EVP_RSA_gen(2'048)
                                               : EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")
          ) {}

    [[nodiscard]] json::object record() const {
        json::object record{{"kid", id_}, {"use", "sig"}};
        if (algorithm_ == Algorithm::kEs256) {
            const Bytes point = octets(OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY);
            record["kty"] = "EC";
            record["crv"] = "P-256";
            record["x"] = to_base64url(ByteView(point).subspan(1, 32));
            record["y"] = to_base64url(ByteView(point).subspan(33, 32));
        } else if (algorithm_ == Algorithm::kRs256) {
            record["kty"] = "RSA";
            record["n"] = number(OSSL_PKEY_PARAM_RSA_N);
            record["e"] = number(OSSL_PKEY_PARAM_RSA_E);
        } else {
            record["kty"] = "OKP";
            record["crv"] = "Ed25519";
            record["x"] = to_base64url(octets(OSSL_PKEY_PARAM_PUB_KEY));
        }
        return record;
    }

    [[nodiscard]] std::string name() const {
        return algorithm_ == Algorithm::kEs256   ? "ES256"
               : algorithm_ == Algorithm::kRs256 ? "RS256"
                                                 : "EdDSA";
    }

    // With this header, or its own.
    [[nodiscard]] std::string sign(const json::object& payload, json::object header = {}) const {
        if (header.empty()) {
            header = {{"alg", name()}, {"kid", id_}};
        }
        const std::string text =
            text64(json::serialize(header)) + "." + text64(json::serialize(payload));
        return text + "." + to_base64url(signature(text));
    }

  private:
    [[nodiscard]] Bytes octets(const char* what) const {
        std::size_t size = 0;
        EVP_PKEY_get_octet_string_param(key_.get(), what, nullptr, 0, &size);
        Bytes bytes(size);
        EVP_PKEY_get_octet_string_param(key_.get(), what, bytes.data(), size, &size);
        return bytes;
    }
    [[nodiscard]] std::string number(const char* what) const {
        BIGNUM* value = nullptr;
        EVP_PKEY_get_bn_param(key_.get(), what, &value);
        Bytes bytes(static_cast<std::size_t>(BN_num_bytes(value)));
        BN_bn2bin(value, bytes.data());
        BN_free(value);
        return to_base64url(bytes);
    }
    [[nodiscard]] Bytes signature(const std::string& text) const {
        const std::unique_ptr<EVP_MD_CTX, crypto::Free<EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
        const char* digest = algorithm_ == Algorithm::kEdDsa ? nullptr : "SHA256";
        EVP_DigestSignInit_ex(
            context.get(), nullptr, digest, nullptr, nullptr, key_.get(), nullptr
        );
        std::size_t size = 0;
        const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
        EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size());
        Bytes made(size);
        EVP_DigestSign(context.get(), made.data(), &size, bytes, text.size());
        made.resize(size);
        return algorithm_ == Algorithm::kEs256 ? halves_of(made) : made;
    }
    [[nodiscard]] static Bytes halves_of(const Bytes& der) {
        const std::uint8_t* at = der.data();
        ECDSA_SIG* pair = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
        Bytes halves(64);
        BN_bn2binpad(ECDSA_SIG_get0_r(pair), halves.data(), 32);
        BN_bn2binpad(ECDSA_SIG_get0_s(pair), halves.data() + 32, 32);
        ECDSA_SIG_free(pair);
        return halves;
    }

    Algorithm algorithm_;
    std::string id_;
    PublicKey key_;
};

inline std::string key_set_text(const std::vector<const SigningKey*>& keys) {
    json::array list;
    for (const SigningKey* each : keys) {
        list.push_back(each->record());
    }
    return json::serialize(json::object{{"keys", std::move(list)}});
}

}  // namespace phantom::oidc::test
