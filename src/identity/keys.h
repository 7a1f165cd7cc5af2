#pragma once

// A node's keys: X25519 for WireGuard, ML-KEM-768 for the post-quantum exchange, and the hybrid
// signature for what the node says of itself. All three follow from seeds, which are all that is
// kept, and are changed together. The node's id is the hash of the public three that it had first.

#include <array>
#include <cstdint>
#include <functional>
#include <span>

#include "crypto/noise.h"
#include "crypto/signature.h"
#include "identity/types.h"

namespace phantom::identity {

// FIPS 203, table 3 (ML-KEM-768), and its seed d || z (algorithm 16).
inline constexpr std::size_t kKemPublicKeySize = 1184;
inline constexpr std::size_t kKemSeedSize = 64;
using KemPublicKey = std::array<std::uint8_t, kKemPublicKeySize>;

// How an ML-KEM-768 seed becomes an encapsulation key. Given by the caller.
using KemPublicKeyOf = std::function<KemPublicKey(std::span<const std::uint8_t, kKemSeedSize>)>;

struct NodePublicKeys {
    crypto::PublicKey wireguard{};
    KemPublicKey kem{};
    crypto::VerifyKey verify;

    friend bool operator==(const NodePublicKeys&, const NodePublicKeys&) = default;

    // BLAKE2s of a label and the three keys; some microseconds.
    [[nodiscard]] KeysHash hash() const;
    // Of a node that has had no others.
    [[nodiscard]] NodeId first_id() const { return {hash().bytes}; }
};

// Wiped when it goes.
struct NodeSeeds {
    crypto::PrivateKey wireguard;
    crypto::Secret<kKemSeedSize> kem;
    crypto::SigningSeeds signing;

    [[nodiscard]] static NodeSeeds generate(
        Random& random,
        crypto::SignatureAlgorithm algorithm = crypto::SignatureAlgorithm::kMlDsa65Ed25519
    );
};

// The seeds with everything that follows from them. Moved, not copied; secrets are wiped.
class NodeKeys {
  public:
    NodeKeys(const NodeSeeds& seeds, const KemPublicKeyOf& kem_public_key_of);

    [[nodiscard]] static NodeKeys generate(
        Random& random, const KemPublicKeyOf& kem_public_key_of,
        crypto::SignatureAlgorithm algorithm = crypto::SignatureAlgorithm::kMlDsa65Ed25519
    );

    [[nodiscard]] const NodeSeeds& seeds() const { return seeds_; }
    [[nodiscard]] const NodePublicKeys& public_keys() const { return public_keys_; }
    [[nodiscard]] const crypto::SigningKey& signing() const { return signing_; }
    [[nodiscard]] const KeysHash& hash() const { return hash_; }
    // Of a node that has had no others; what it is called later, its certificate says.
    [[nodiscard]] const NodeId& first_id() const { return first_id_; }

  private:
    NodeSeeds seeds_;
    crypto::SigningKey signing_;
    NodePublicKeys public_keys_;
    KeysHash hash_;
    NodeId first_id_;
};

}  // namespace phantom::identity
