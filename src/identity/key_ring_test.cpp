#include "identity/key_ring.h"

#include <gtest/gtest.h>

#include "identity/identity_fixture.h"

namespace phantom::identity {
namespace {

NodeSeeds seeds_of(std::uint64_t seed) {
    SeededRandom random(seed);
    return NodeSeeds::generate(random);
}

KeysHash hash_of(const NodeSeeds& seeds) {
    return NodeKeys(seeds, fake_kem_public_key).hash();
}

KeyRing changing_ring() {
    KeyRing ring = KeyRing::of(seeds_of(1));
    ring.next = seeds_of(2);
    return ring;
}

TEST(KeyRing, comes_back_with_what_it_holds) {
    const KeyRing first = KeyRing::of(seeds_of(1));
    const auto alone = decode_key_ring(encode_state(first).value().view()).value();
    EXPECT_EQ(hash_of(alone.current), hash_of(first.current));
    EXPECT_FALSE(alone.next.has_value());
    EXPECT_FALSE(alone.previous.has_value());

    KeyRing ring = changing_ring();
    ring.advance(kNow);
    ring.next = seeds_of(3);
    const auto payload = encode_state(ring).value();
    EXPECT_EQ(payload.view().size(), kKeyRingRecordMax);
    const auto back = decode_key_ring(payload.view()).value();
    EXPECT_EQ(hash_of(back.current), hash_of(seeds_of(2)));
    ASSERT_TRUE(back.next.has_value());
    EXPECT_EQ(hash_of(*back.next), hash_of(seeds_of(3)));
    ASSERT_TRUE(back.previous.has_value());
    EXPECT_EQ(
        crypto::public_key_of(back.previous->wireguard),
        crypto::public_key_of(seeds_of(1).wireguard)
    );
    EXPECT_EQ(back.previous->until, kNow);
}

TEST(KeyRing, advances_once) {
    KeyRing ring = changing_ring();
    ring.advance(kNow);
    EXPECT_EQ(hash_of(ring.current), hash_of(seeds_of(2)));
    EXPECT_FALSE(ring.next.has_value());
    EXPECT_DEATH(ring.advance(kNow), "next");
}

TEST(KeyRing, of_another_length_or_form_is_damaged) {
    KeyRing ring = changing_ring();
    ring.advance(kNow);
    ring.next = seeds_of(3);
    const auto payload = encode_state(ring).value();
    for (std::size_t size = 0; size < payload.view().size(); ++size) {
        ASSERT_FALSE(decode_key_ring(payload.view().first(size)).has_value()) << size;
    }
    Bytes changed = bytes_of(payload.view());
    changed[kNodeSeedsRecordSize] = 2;
    EXPECT_TRUE(decode_key_ring(changed).error().is(IdentityError::kStateDamaged));
}

}  // namespace
}  // namespace phantom::identity
