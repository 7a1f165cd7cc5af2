#include "pq/kem.h"

namespace phantom::pq {

namespace {

class MlKemKey final : public DecapsulationKey {
  public:
    explicit MlKemKey(crypto::KemKeyPair pair) : pair_(std::move(pair)) {}

    [[nodiscard]] const KemPublicKey& public_key() const override { return pair_.public_key(); }
    [[nodiscard]] Result<Key> decapsulate(ByteView ciphertext) const override {
        return pair_.decapsulate(ciphertext);
    }

  private:
    crypto::KemKeyPair pair_;
};

}  // namespace

Result<std::unique_ptr<DecapsulationKey>> Kem::generate(Random& random) const {
    crypto::KemSeed seed;
    random.fill(seed.bytes());
    return from_seed(seed);
}

Result<std::unique_ptr<DecapsulationKey>> MlKem::from_seed(const crypto::KemSeed& seed) const {
    return std::make_unique<MlKemKey>(PM_TRY(crypto::KemKeyPair::from_seed(seed)));
}

Result<crypto::Encapsulation> MlKem::encapsulate(const KemPublicKey& to, Random& random) const {
    return crypto::encapsulate(to, random);
}

}  // namespace phantom::pq
