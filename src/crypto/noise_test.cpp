#include "crypto/noise.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "base/errors_fixture.h"
#include "crypto/bytes_fixture.h"
#include "crypto/chacha20_poly1305.h"
#include "crypto/hkdf.h"

namespace phantom::crypto {
namespace {

TEST(Library, is_new_enough) {
    EXPECT_TRUE(check_library().has_value());
}

TEST(Secret, compares_by_content_and_size) {
    const Bytes a = {1, 2, 3};
    EXPECT_TRUE(equal_constant_time(a, Bytes{1, 2, 3}));
    EXPECT_FALSE(equal_constant_time(a, Bytes{1, 2, 4}));
    EXPECT_FALSE(equal_constant_time(a, Bytes{1, 2}));
    EXPECT_TRUE(equal_constant_time({}, {}));
}

TEST(Secret, knows_zero_and_is_wiped) {
    Key key;
    EXPECT_TRUE(key.is_zero());
    key.bytes()[31] = 1;
    EXPECT_FALSE(key.is_zero());
    wipe(key.bytes());
    EXPECT_TRUE(key.is_zero());
}

TEST(X25519, generated_key_is_clamped) {
    SeededRandom random(1);
    for (int round = 0; round < 50; ++round) {
        const PrivateKey key = generate_private_key(random);
        EXPECT_EQ(key.view()[0] & 7, 0);
        EXPECT_EQ(key.view()[31] & 0xc0, 0x40);
    }
}

TEST(X25519, both_sides_agree) {
    SeededRandom random(1);
    for (int round = 0; round < 50; ++round) {
        const PrivateKey a = generate_private_key(random);
        const PrivateKey b = generate_private_key(random);
        const auto ab = x25519(a, public_key_of(b));
        const auto ba = x25519(b, public_key_of(a));
        ASSERT_TRUE(ab.has_value());
        ASSERT_TRUE(ba.has_value());
        EXPECT_TRUE(equal_constant_time(ab->view(), ba->view()));
    }
}

TEST(X25519, public_key_is_the_agreement_with_the_base_point) {
    SeededRandom random(2);
    const PublicKey base_point = {9};
    for (int round = 0; round < 50; ++round) {
        PrivateKey key;
        random.fill(key.bytes());  // not clamped: that is public_key_of's to do
        const auto by_agreement = x25519(key, base_point);
        ASSERT_TRUE(by_agreement.has_value());
        EXPECT_TRUE(equal_constant_time(by_agreement->view(), public_key_of(key)));
    }
}

// RFC 7748 section 5.2: k = u = 9, then k, u = X25519(k, u), k.
TEST(X25519, gives_the_iterated_value_of_rfc_7748) {
    PrivateKey k;
    k.bytes()[0] = 9;
    PublicKey u = {9};
    for (int round = 0; round < 1000; ++round) {
        const auto next = x25519(k, u);
        ASSERT_TRUE(next.has_value());
        std::ranges::copy(k.view(), u.begin());
        k = *next;
        if (round == 0) {
            EXPECT_EQ(k.view()[0], 0x42);
            EXPECT_EQ(k.view()[31], 0x79);
        }
    }
    const Bytes expected = {0x68, 0x4c, 0xf5, 0x9b, 0xa8, 0x33, 0x09, 0x55, 0x28, 0x00, 0xef,
                            0x56, 0x6f, 0x2f, 0x4d, 0x3c, 0x1c, 0x38, 0x87, 0xc4, 0x93, 0x60,
                            0xe3, 0x87, 0x5f, 0x2e, 0xb9, 0x4d, 0x99, 0x53, 0x2c, 0x51};
    EXPECT_TRUE(equal_constant_time(k.view(), expected));
}

TEST(X25519, refuses_a_low_order_point) {
    SeededRandom random(2);
    const auto secret = x25519(generate_private_key(random), PublicKey{});
    ASSERT_FALSE(secret.has_value());
    EXPECT_TRUE(secret.error().is(CryptoError::kZeroSharedSecret));
}

TEST(Kdf, output_may_replace_its_input) {
    SeededRandom random(4);
    std::array<Key, 3> keys;
    Key input;
    random.fill(keys[0].bytes());
    random.fill(input.bytes());
    std::array<Key, 3> apart;
    kdf(keys[0].view(), input.view(), apart);
    kdf(keys[0].view(), input.view(), keys);
    for (std::size_t index = 0; index < keys.size(); ++index) {
        EXPECT_TRUE(equal_constant_time(keys[index].view(), apart[index].view()));
    }
}

TEST(HChaCha20, gives_the_vector_of_the_draft) {
    // draft-irtf-cfrg-xchacha section 2.2.1.
    Key key;
    for (std::size_t index = 0; index < 32; ++index) {
        key.bytes()[index] = static_cast<std::uint8_t>(index);
    }
    const std::array<std::uint8_t, 16> nonce = {0, 0, 0, 9, 0,    0,    0,    0x4a,
                                                0, 0, 0, 0, 0x31, 0x41, 0x59, 0x27};
    const Bytes expected = {0x82, 0x41, 0x3b, 0x42, 0x27, 0xb2, 0x7b, 0xfe, 0xd3, 0x0e, 0x42,
                            0x50, 0x8a, 0x87, 0x7d, 0x73, 0xa0, 0xf9, 0xe4, 0xd5, 0x8a, 0x74,
                            0xa8, 0x53, 0xc1, 0x2e, 0xc4, 0x13, 0x26, 0xd3, 0xec, 0xdc};
    EXPECT_TRUE(equal_constant_time(hchacha20(key, nonce).view(), expected));
}

class HandshakeAead : public testing::Test {
  protected:
    HandshakeAead() {
        SeededRandom random(5);
        random.fill(key_.bytes());
        random.fill(plaintext_);
        random.fill(aad_);
        aead_seal(key_, 0, plaintext_, aad_, sealed_);
    }

    void expect_refused(const Bytes& sealed, const Bytes& aad, std::uint64_t counter) {
        Bytes out(plaintext_.size(), 0xaa);
        const Status status = aead_open(key_, counter, sealed, aad, out);
        ASSERT_FALSE(status.has_value());
        EXPECT_TRUE(status.error().is(CryptoError::kNotAuthentic));
        EXPECT_EQ(out, Bytes(plaintext_.size(), 0));
    }

    Key key_;
    Bytes plaintext_ = Bytes(48);
    Bytes aad_ = Bytes(32);
    Bytes sealed_ = Bytes(64);
};

TEST_F(HandshakeAead, opens_what_it_sealed) {
    Bytes out(plaintext_.size());
    ASSERT_TRUE(aead_open(key_, 0, sealed_, aad_, out).has_value());
    EXPECT_EQ(out, plaintext_);
}

TEST_F(HandshakeAead, opens_in_place) {
    const ByteView all(sealed_);
    const MutableBytes text = MutableBytes(sealed_).first(plaintext_.size());
    ASSERT_TRUE(aead_open(key_, 0, all, aad_, text).has_value());
    EXPECT_TRUE(std::ranges::equal(text, plaintext_));
}

TEST_F(HandshakeAead, refuses_any_flipped_bit_and_leaves_zeros) {
    for (std::size_t bit = 0; bit < sealed_.size() * 8; ++bit) {
        Bytes broken = sealed_;
        broken[bit / 8] = static_cast<std::uint8_t>(broken[bit / 8] ^ (1U << (bit % 8)));
        expect_refused(broken, aad_, 0);
    }
}

TEST_F(HandshakeAead, refuses_other_additional_data_or_counter) {
    Bytes other = aad_;
    other[0] ^= 1;
    expect_refused(sealed_, other, 0);
    expect_refused(sealed_, {}, 0);
    expect_refused(sealed_, aad_, 1);
}

TEST_F(HandshakeAead, refuses_what_is_shorter_than_a_tag) {
    for (std::size_t size = 0; size < 16; ++size) {
        Bytes out;
        EXPECT_FALSE(aead_open(key_, 0, ByteView(sealed_).first(size), aad_, out).has_value());
    }
}

TEST_F(HandshakeAead, a_tag_alone_is_an_empty_message) {
    Bytes tag(16);
    aead_seal(key_, 7, {}, aad_, tag);
    EXPECT_TRUE(aead_open(key_, 7, tag, aad_, {}).has_value());
}

TEST(Hkdf, gives_at_most_255_blocks) {
    Bytes out(kHkdfSha256SizeMax);
    EXPECT_TRUE(hkdf_sha256({}, {}, {}, out).has_value());
    out.push_back(0);
    const Status status = hkdf_sha256({}, {}, {}, out);
    ASSERT_FALSE(status.has_value());
    EXPECT_TRUE(status.error().is(CryptoError::kOutputTooLong));
    EXPECT_TRUE(hkdf_sha256({}, {}, {}, {}).has_value());
}

TEST(CryptoErrors, each_code_has_its_own_sentence) {
    expect_each_code_has_its_own_sentence(CryptoError::kBadCiphertextSize);
}

}  // namespace
}  // namespace phantom::crypto
