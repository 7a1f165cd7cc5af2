#pragma once

// The KEM as an exchange needs it. MlKem is the product's; simulations that need thousands of
// exchanges bring a quick one with the same sizes.

#include <memory>

#include "pq/types.h"

namespace phantom::pq {

class DecapsulationKey {
  public:
    DecapsulationKey() = default;
    DecapsulationKey(const DecapsulationKey&) = delete;
    DecapsulationKey& operator=(const DecapsulationKey&) = delete;
    virtual ~DecapsulationKey() = default;

    [[nodiscard]] virtual const KemPublicKey& public_key() const = 0;
    [[nodiscard]] virtual Result<Key> decapsulate(ByteView ciphertext) const = 0;
};

class Kem {
  public:
    Kem() = default;
    Kem(const Kem&) = delete;
    Kem& operator=(const Kem&) = delete;
    virtual ~Kem() = default;

    [[nodiscard]] virtual Result<std::unique_ptr<DecapsulationKey>> from_seed(
        const crypto::KemSeed& seed
    ) const = 0;
    [[nodiscard]] virtual Result<crypto::Encapsulation> encapsulate(
        const KemPublicKey& to, Random& random
    ) const = 0;

    [[nodiscard]] Result<std::unique_ptr<DecapsulationKey>> generate(Random& random) const;
};

// FIPS 203 through crypto/ml_kem.h.
class MlKem final : public Kem {
  public:
    [[nodiscard]] Result<std::unique_ptr<DecapsulationKey>> from_seed(const crypto::KemSeed& seed
    ) const override;
    [[nodiscard]] Result<crypto::Encapsulation> encapsulate(const KemPublicKey& to, Random& random)
        const override;
};

}  // namespace phantom::pq
