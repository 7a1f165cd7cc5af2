#pragma once

// The keys a node has, and those on either side of a change. One file holds all of them, so whatever
// ends the process, a change has been made or it has not.

#include <optional>

#include "crypto/secret_bytes.h"
#include "identity/keys.h"

namespace phantom::identity {

struct KeyRing {
    NodeSeeds current;
    // Kept before they are asked for: what the root certifies must not be lost.
    std::optional<NodeSeeds> next;
    // Who has missed the change calls under the WireGuard key before.
    struct Previous {
        crypto::PrivateKey wireguard;
        UnixTime
            until;  // the certificates of before are over by then, and nobody knows it any more
    };
    std::optional<Previous> previous;

    [[nodiscard]] static KeyRing of(NodeSeeds seeds);
    // The next ones are the node's from now on; the one before is answered `until` then.
    void advance(UnixTime until);
};

inline constexpr std::size_t kSigningSeedsRecordSize = 1 + 32 + 32;
inline constexpr std::size_t kNodeSeedsRecordSize = 32 + kKemSeedSize + kSigningSeedsRecordSize;
inline constexpr std::size_t kKeyRingRecordMax =
    kNodeSeedsRecordSize + (1 + kNodeSeedsRecordSize) + (1 + 32 + 8);

[[nodiscard]] crypto::SecretBytes encode_state(const crypto::SigningSeeds& seeds);
[[nodiscard]] Result<crypto::SecretBytes> encode_state(const KeyRing& ring);

// kStateDamaged for all that encode_state would not have written.
[[nodiscard]] Result<crypto::SigningSeeds> decode_signing_seeds(ByteView payload);
[[nodiscard]] Result<KeyRing> decode_key_ring(ByteView payload);

}  // namespace phantom::identity
