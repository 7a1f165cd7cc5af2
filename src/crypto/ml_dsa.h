#pragma once

// ML-DSA (FIPS 204) through OpenSSL, pure, with a context. The product signs with the hybrid of
// signature.h, which is made of this and ed25519.h.

#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/errors.h"
#include "crypto/pkey.h"

namespace phantom::crypto {

// FIPS 204, table 1: the security categories are 3 and 2.
enum class MlDsaSet : std::uint8_t { k65, k44 };

inline constexpr std::size_t kMlDsaSeedSize = 32;
// FIPS 204, algorithm 2, line 1.
inline constexpr std::size_t kMlDsaContextSizeMax = 255;

// FIPS 204, table 2.
[[nodiscard]] constexpr std::size_t ml_dsa_public_key_size(MlDsaSet set) {
    return set == MlDsaSet::k65 ? 1952 : 1312;
}
[[nodiscard]] constexpr std::size_t ml_dsa_signature_size(MlDsaSet set) {
    return set == MlDsaSet::k65 ? 3309 : 2420;
}

// May sign from several threads at once. OpenSSL wipes the key when it goes.
class MlDsaKey {
  public:
    // FIPS 204, algorithm 6 with the seed as xi.
    MlDsaKey(MlDsaSet set, std::span<const std::uint8_t, kMlDsaSeedSize> seed);

    // `out` has ml_dsa_public_key_size bytes.
    void copy_public_key(MutableBytes out) const;
    // FIPS 204, algorithm 2, deterministic variant: the same message gives the same signature, so a
    // simulation repeats. `out` has ml_dsa_signature_size bytes. kContextTooLong.
    [[nodiscard]] Status sign(ByteView context, ByteView message, MutableBytes out) const;

  private:
    MlDsaSet set_;
    PkeyHandle pkey_;
};

// FIPS 204, algorithm 3. kMalformedKey, kMalformedSignature, kContextTooLong, kBadSignature.
[[nodiscard]] Status ml_dsa_verify(
    MlDsaSet set, ByteView public_key, ByteView context, ByteView message, ByteView signature
);

}  // namespace phantom::crypto
