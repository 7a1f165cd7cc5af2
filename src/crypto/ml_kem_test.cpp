#include "crypto/ml_kem.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "crypto/sha256.h"

namespace phantom::crypto {
namespace {

TEST(MlKem, both_sides_agree) {
    SeededRandom random(1);
    for (int round = 0; round < 20; ++round) {
        const auto pair = KemKeyPair::generate(random);
        ASSERT_TRUE(pair.has_value());
        const auto sent = encapsulate(pair->public_key(), random);
        ASSERT_TRUE(sent.has_value());
        const auto secret = pair->decapsulate(sent->ciphertext);
        ASSERT_TRUE(secret.has_value());
        EXPECT_TRUE(equal_constant_time(secret->view(), sent->secret.view()));
    }
}

TEST(MlKem, the_same_randomness_gives_the_same_bytes) {
    const auto run = [] {
        SeededRandom random(7);
        const auto pair = KemKeyPair::generate(random);
        return encapsulate(pair->public_key(), random)->ciphertext;
    };
    EXPECT_EQ(run(), run());
}

TEST(MlKem, a_key_pair_may_be_moved) {
    SeededRandom random(2);
    auto first = KemKeyPair::generate(random);
    const auto sent = encapsulate(first->public_key(), random);
    const KemKeyPair second = std::move(*first);
    EXPECT_TRUE(
        equal_constant_time(second.decapsulate(sent->ciphertext)->view(), sent->secret.view())
    );
}

// FIPS 203, Algorithm 18, implicit rejection.
TEST(MlKem, a_tampered_ciphertext_gives_another_secret_and_no_error) {
    SeededRandom random(3);
    const auto pair = KemKeyPair::generate(random);
    auto sent = encapsulate(pair->public_key(), random);
    sent->ciphertext[500] ^= 1;
    const auto secret = pair->decapsulate(sent->ciphertext);
    ASSERT_TRUE(secret.has_value());
    EXPECT_FALSE(equal_constant_time(secret->view(), sent->secret.view()));
}

TEST(MlKem, refuses_a_ciphertext_of_another_size) {
    SeededRandom random(4);
    const auto pair = KemKeyPair::generate(random);
    for (const std::size_t size :
         {std::size_t{0}, kKemCiphertextSize - 1, kKemCiphertextSize + 1}) {
        const auto secret = pair->decapsulate(std::vector<std::uint8_t>(size));
        ASSERT_FALSE(secret.has_value());
        EXPECT_TRUE(secret.error().is(CryptoError::kBadCiphertextSize));
    }
}

// FIPS 203 section 7.2: coefficients of q and more, here 4095 everywhere.
TEST(MlKem, refuses_an_encapsulation_key_that_is_not_reduced) {
    SeededRandom random(5);
    KemPublicKey key;
    key.fill(0xff);
    const auto sent = encapsulate(key, random);
    ASSERT_FALSE(sent.has_value());
    EXPECT_TRUE(sent.error().is(CryptoError::kBadEncapsulationKey));
}

// FIPS 180-4, the example "abc".
TEST(Sha256, gives_the_example_however_it_is_cut) {
    const std::vector<std::uint8_t> message = {'a', 'b', 'c'};
    const Hash expected = {0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40,
                           0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17,
                           0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad};
    const ByteView all(message);
    EXPECT_EQ(sha256({all}), expected);
    EXPECT_EQ(sha256({all.first(1), {}, all.subspan(1)}), expected);
}

}  // namespace
}  // namespace phantom::crypto
