#include "identity/keys.h"

#include "crypto/blake2s.h"
#include "identity/labels.h"

namespace phantom::identity {

KeysHash NodePublicKeys::hash() const {
    // The first two have one size each and the third says its own, so the parts cannot be shifted.
    std::array<std::uint8_t, 32 + kKemPublicKeySize> agreement_keys;
    std::ranges::copy(wireguard, agreement_keys.begin());
    std::ranges::copy(kem, agreement_keys.begin() + 32);
    return {labelled_hash(kNodeIdLabel, agreement_keys, verify.encoded())};
}

NodeSeeds NodeSeeds::generate(Random& random, crypto::SignatureAlgorithm algorithm) {
    NodeSeeds seeds;
    seeds.wireguard = crypto::generate_private_key(random);
    random.fill(seeds.kem.bytes());
    seeds.signing = crypto::SigningSeeds::generate(random, algorithm);
    return seeds;
}

NodeKeys::NodeKeys(const NodeSeeds& seeds, const KemPublicKeyOf& kem_public_key_of)
    : seeds_(seeds),
      signing_(seeds.signing),
      public_keys_{
          crypto::public_key_of(seeds.wireguard), kem_public_key_of(seeds.kem.view()),
          signing_.verify_key()
      },
      hash_(public_keys_.hash()),
      first_id_{hash_.bytes} {}

NodeKeys NodeKeys::generate(
    Random& random, const KemPublicKeyOf& kem_public_key_of, crypto::SignatureAlgorithm algorithm
) {
    return {NodeSeeds::generate(random, algorithm), kem_public_key_of};
}

}  // namespace phantom::identity
