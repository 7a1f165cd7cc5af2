#include "identity/peer_memory.h"

#include <gtest/gtest.h>

#include "identity/identity_fixture.h"

namespace phantom::identity {
namespace {

PeerMemories some_memories() {
    SeededRandom random(3);
    PeerMemories memories;
    for (const std::size_t size : {std::size_t{0}, std::size_t{158}, kRatchetSizeMax}) {
        NodeId node;
        random.fill(node.bytes);
        PeerMemory& memory = memories[node];
        random.fill(memory.timestamp_floor);
        memory.ratchet = crypto::SecretBytes(size);
        random.fill(memory.ratchet.bytes());
    }
    return memories;
}

TEST(PeerMemory, comes_back_as_it_was) {
    const PeerMemories memories = some_memories();
    const auto payload = encode_state(memories).value();
    const PeerMemories back = decode_peer_memories(payload.view()).value();
    ASSERT_EQ(back.size(), memories.size());
    for (const auto& [node, memory] : memories) {
        EXPECT_EQ(back.at(node).timestamp_floor, memory.timestamp_floor);
        EXPECT_TRUE(std::ranges::equal(back.at(node).ratchet.view(), memory.ratchet.view()));
    }
    EXPECT_TRUE(std::ranges::equal(encode_state(back)->view(), payload.view()));
}

TEST(PeerMemory, of_another_length_is_damaged) {
    const auto payload = encode_state(some_memories()).value();
    for (std::size_t size = 0; size < payload.view().size(); ++size) {
        ASSERT_FALSE(decode_peer_memories(payload.view().first(size)).has_value()) << size;
    }
    Bytes longer = bytes_of(payload.view());
    longer.push_back(0);
    EXPECT_TRUE(decode_peer_memories(longer).error().is(IdentityError::kStateDamaged));
}

TEST(PeerMemory, out_of_order_or_twice_is_damaged) {
    PeerMemories memories;
    memories[NodeId{{1}}];
    memories[NodeId{{2}}];
    Bytes payload = bytes_of(encode_state(memories)->view());
    ASSERT_TRUE(decode_peer_memories(payload).has_value());
    payload[4] = 2;
    EXPECT_FALSE(decode_peer_memories(payload).has_value()) << "twice the same";
    payload[4] = 3;
    EXPECT_FALSE(decode_peer_memories(payload).has_value()) << "descending";
}

TEST(PeerMemory, too_large_a_ratchet_is_not_written) {
    PeerMemories memories;
    memories[NodeId{}].ratchet = crypto::SecretBytes(kRatchetSizeMax + 1);
    EXPECT_TRUE(encode_state(memories).error().is(IdentityError::kTooLarge));
}

}  // namespace
}  // namespace phantom::identity
