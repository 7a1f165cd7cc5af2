#include "identity/peer_memory.h"

#include "identity/codec.h"

namespace phantom::identity {

// A count, then in ascending order: node, timestamp floor, ratchet.
Result<crypto::SecretBytes> encode_state(const PeerMemories& memories) {
    if (memories.size() > kPeerMemoriesMax) {
        return fail(IdentityError::kTooMany, static_cast<std::uint32_t>(memories.size()));
    }
    std::size_t size = 4;
    for (const auto& [node, memory] : memories) {
        if (memory.ratchet.view().size() > kRatchetSizeMax) {
            return fail(IdentityError::kTooLarge);
        }
        size += kIdSize + kTimestampSize + 2 + memory.ratchet.view().size();
    }
    crypto::SecretBytes payload(size);
    wire::RecordWriter writer(payload.bytes());
    writer.u32(static_cast<std::uint32_t>(memories.size()));
    for (const auto& [node, memory] : memories) {
        write_id(writer, node);
        writer.bytes(memory.timestamp_floor);
        writer.sized_bytes(memory.ratchet.view());
    }
    PM_TRY(writer.finish());
    return payload;
}

Result<PeerMemories> decode_peer_memories(ByteView payload) {
    wire::RecordReader reader(payload);
    const std::size_t count = reader.u32();
    if (count > kPeerMemoriesMax) {
        return fail(IdentityError::kStateDamaged);
    }
    PeerMemories memories;
    for (std::size_t index = 0; index < count && reader.ok(); ++index) {
        const auto node = read_id<NodeId>(reader);
        PeerMemory memory;
        memory.timestamp_floor = reader.array<kTimestampSize>();
        memory.ratchet = crypto::SecretBytes(reader.sized_bytes(kRatchetSizeMax));
        if (!memories.empty() && memories.rbegin()->first >= node) {
            return fail(IdentityError::kStateDamaged);
        }
        memories.emplace_hint(memories.end(), node, std::move(memory));
    }
    if (!reader.finish()) {
        return fail(IdentityError::kStateDamaged);
    }
    return memories;
}

}  // namespace phantom::identity
