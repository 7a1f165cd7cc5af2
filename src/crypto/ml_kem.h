#pragma once

// ML-KEM-768 (FIPS 203) through OpenSSL. A key pair is kept as its seed of 64 bytes, never as the
// expanded decapsulation key.
//
//     const auto pair = PM_TRY(KemKeyPair::generate(random));
//     const auto sent = PM_TRY(encapsulate(pair.public_key(), random));
//     const Key same = PM_TRY(pair.decapsulate(sent.ciphertext));   // sent.secret
//
// A KemKeyPair may be read from any thread. 25 to 50 us a call: see ml_kem_bench.cpp.

#include <array>
#include <cstdint>
#include <memory>

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"
#include "crypto/errors.h"
#include "crypto/secret.h"

struct evp_pkey_st;

namespace phantom::crypto {

inline constexpr std::size_t kKemPublicKeySize = 1184;
inline constexpr std::size_t kKemCiphertextSize = 1088;
inline constexpr std::size_t kKemSeedSize = 64;
using KemPublicKey = std::array<std::uint8_t, kKemPublicKeySize>;
using KemCiphertext = std::array<std::uint8_t, kKemCiphertextSize>;
using KemSeed = Secret<kKemSeedSize>;  // FIPS 203: d || z

struct Encapsulation {
    KemCiphertext ciphertext;
    Key secret;
};

class KemKeyPair {
  public:
    // FIPS 203, Algorithm 16.
    [[nodiscard]] static Result<KemKeyPair> from_seed(const KemSeed& seed);
    [[nodiscard]] static Result<KemKeyPair> generate(Random& random);

    KemKeyPair(KemKeyPair&&) noexcept;
    KemKeyPair& operator=(KemKeyPair&&) noexcept;
    ~KemKeyPair();

    [[nodiscard]] const KemPublicKey& public_key() const { return public_key_; }
    // FIPS 203, Algorithm 21. A ciphertext that was tampered with gives a secret nobody else has
    // (implicit rejection), not an error; kBadCiphertextSize for any size but kKemCiphertextSize.
    [[nodiscard]] Result<Key> decapsulate(ByteView ciphertext) const;

  private:
    struct FreeKey {
        void operator()(evp_pkey_st* key) const noexcept;
    };
    using OpensslKey = std::unique_ptr<evp_pkey_st, FreeKey>;

    explicit KemKeyPair(OpensslKey key);

    OpensslKey key_;
    KemPublicKey public_key_;
};

// FIPS 203, Algorithm 20, with the 32 bytes `m` taken from `random`. kBadEncapsulationKey when the
// key fails the modulus check of section 7.2.
[[nodiscard]] Result<Encapsulation> encapsulate(const KemPublicKey& to, Random& random);

}  // namespace phantom::crypto
