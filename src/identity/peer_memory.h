#pragma once

// What a node must not forget of a member over a restart: the pre-shared keys they agreed, and how new
// the member's last handshake was. Both are a secret, and kept as one file.

#include <array>
#include <map>
#include <span>

#include "crypto/secret_bytes.h"
#include "identity/types.h"

namespace phantom::identity {

// Of the key exchange's own record, which is opaque here (pq/snapshot.h).
inline constexpr std::size_t kRatchetSizeMax = 512;
inline constexpr std::size_t kTimestampSize = 12;  // TAI64N
inline constexpr std::size_t kPeerMemoriesMax = 65'536;
inline constexpr std::size_t kPeerMemorySizeMax = kIdSize + kTimestampSize + 2 + kRatchetSizeMax;

struct PeerMemory {
    // Initiations up to this one have been seen.
    std::array<std::uint8_t, kTimestampSize> timestamp_floor{};
    crypto::SecretBytes ratchet;
};

// By the member's id, which outlives its keys.
using PeerMemories = std::map<NodeId, PeerMemory>;

// kTooMany, kTooLarge.
[[nodiscard]] Result<crypto::SecretBytes> encode_state(const PeerMemories& memories);
// kStateDamaged for all that encode_state would not have written.
[[nodiscard]] Result<PeerMemories> decode_peer_memories(ByteView payload);

}  // namespace phantom::identity
