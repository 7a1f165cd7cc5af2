#pragma once

// The public keys of an issuer (RFC 7517, 7518, 8037): P-256, RSA of 2,048 to 8,192 bits, Ed25519. Keys of other kinds, for
// encryption, or that are malformed are passed over: one of them does not take the others away. Immutable once read; any
// thread.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <openssl/evp.h>

#include "base/bytes.h"
#include "crypto/openssl_objects.h"
#include "oidc/errors.h"

namespace phantom::oidc {

inline constexpr std::size_t kKeysMax = 32;
inline constexpr int kRsaBitsMin = 2'048;
inline constexpr int kRsaBitsMax = 8'192;

enum class Algorithm : std::uint8_t { kEs256, kRs256, kEdDsa };
// None: it is not accepted ("none" and HMACs with public keys among them).
[[nodiscard]] std::optional<Algorithm> algorithm_named(std::string_view name);

using PublicKey = std::unique_ptr<EVP_PKEY, crypto::Free<EVP_PKEY_free>>;

class KeySet {
  public:
    // kKeysMalformed: it is no key set. Of more than kKeysMax keys the first count.
    [[nodiscard]] static Result<KeySet> read(std::string_view text);

    // The key of this id for this algorithm; without an id, the only one. Null: there is none.
    [[nodiscard]] const EVP_PKEY* find(Algorithm algorithm, std::string_view id) const;
    [[nodiscard]] std::size_t size() const { return keys_.size(); }

  private:
    struct Key {
        std::string id;
        Algorithm algorithm = Algorithm::kEs256;
        PublicKey key;
    };
    std::vector<Key> keys_;
};

// RFC 7515 section 5.2; the signature as RFC 7518 section 3.4 has it for ES256.
[[nodiscard]] bool verifies(
    const EVP_PKEY* key, Algorithm algorithm, std::string_view signed_text, ByteView signature
);

}  // namespace phantom::oidc
