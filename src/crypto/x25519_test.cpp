#include <array>

#include <gtest/gtest.h>

#include "base/random.h"
#include "crypto/field25519.h"
#include "crypto/x25519_backends.h"

namespace phantom::crypto {
namespace {

using Bytes32 = std::array<std::uint8_t, 32>;

class OwnX25519 : public testing::Test {
  protected:
    void SetUp() override {
        if (!is_own_x25519_supported()) {
            GTEST_SKIP() << "this processor lacks BMI2 or ADX";
        }
    }

    void expect_same_agreement(const Bytes32& key, const Bytes32& peer) {
        Bytes32 ours;
        Bytes32 theirs;
        x25519_own(key, peer, ours);
        x25519_openssl(key, peer, theirs);
        EXPECT_EQ(ours, theirs);
    }

    void expect_same_public_key(const Bytes32& key) {
        Bytes32 ours;
        Bytes32 theirs;
        x25519_public_own(key, ours);
        x25519_public_openssl(key, theirs);
        EXPECT_EQ(ours, theirs);
    }
};

TEST_F(OwnX25519, agrees_with_openssl_on_random_keys_and_points) {
    SeededRandom random(31);
    for (int round = 0; round < 2000; ++round) {
        Bytes32 key;
        Bytes32 peer;
        random.fill(key);
        random.fill(peer);
        expect_same_agreement(key, peer);
        expect_same_public_key(key);
    }
}

// Words of all ones and all zeros drive every carry.
TEST_F(OwnX25519, agrees_with_openssl_on_extreme_words) {
    SeededRandom random(32);
    for (int round = 0; round < 2000; ++round) {
        Bytes32 key;
        Bytes32 peer;
        for (std::size_t index = 0; index < 32; index += 8) {
            const std::uint64_t choice = random.below(4);
            std::fill_n(
                peer.begin() + static_cast<std::ptrdiff_t>(index), 8,
                static_cast<std::uint8_t>(choice < 2 ? 0 : 0xff)
            );
            std::fill_n(
                key.begin() + static_cast<std::ptrdiff_t>(index), 8,
                static_cast<std::uint8_t>(choice % 2 == 0 ? 0 : 0xff)
            );
        }
        // Around p and 2^256, and around nothing.
        peer[0] = static_cast<std::uint8_t>(peer[0] + random.below(64) - 32);
        expect_same_agreement(key, peer);
        expect_same_public_key(key);
    }
}

TEST_F(OwnX25519, field_operations_hold_at_the_edges) {
    using namespace field25519;
    constexpr std::uint64_t kOnes = ~std::uint64_t{0};
    // 2^256 - 1 = 37 modulo p; the largest a word quartet can be.
    const Element largest{{kOnes, kOnes, kOnes, kOnes}};
    const Element zero{};
    Element out;
    Bytes32 bytes;
    const auto expect_value = [&](std::uint64_t low) {
        to_bytes(bytes.data(), out);
        Bytes32 expected{};
        store_le(expected.data(), low);
        EXPECT_EQ(bytes, expected);
    };
    out = largest;
    expect_value(37);
    add(out, largest, largest);
    expect_value(74);
    multiply(out, largest, largest);
    expect_value(37 * 37);
    square(out, largest);
    expect_value(37 * 37);
    multiply_small(out, largest, 121665);
    expect_value(std::uint64_t{37} * 121665);
    subtract(out, largest, largest);
    expect_value(0);
    subtract(out, zero, largest);  // -37
    Element sum;
    add(sum, out, largest);
    out = sum;
    expect_value(0);
    invert(out, largest);
    multiply(out, out, largest);
    expect_value(1);
    // p and p + 1 are 0 and 1.
    out = Element{{kOnes - 18, kOnes, kOnes, kOnes >> 1U}};
    expect_value(0);
    out.word[0] += 1;
    expect_value(1);
    out = Element{{kOnes - 37, kOnes, kOnes, kOnes}};  // 2 p
    expect_value(0);
    invert(out, zero);
    expect_value(0);
}

TEST_F(OwnX25519, field_operations_agree_with_each_other) {
    using namespace field25519;
    SeededRandom random(33);
    for (int round = 0; round < 5000; ++round) {
        Element a;
        Element b;
        for (std::size_t index = 0; index < 4; ++index) {
            const std::uint64_t pattern = random.below(4);
            a.word[index] = pattern == 0 ? 0 : pattern == 1 ? ~std::uint64_t{0} : random.next_u64();
            b.word[index] = random.below(3) == 0 ? ~std::uint64_t{0} : random.next_u64();
        }
        // (a + b)^2 - (a - b)^2 = 4 a b, and a * a is the square.
        Element plus;
        Element minus;
        add(plus, a, b);
        subtract(minus, a, b);
        square(plus, plus);
        multiply(minus, minus, minus);
        subtract(plus, plus, minus);
        Element product;
        multiply(product, a, b);
        multiply_small(product, product, 4);
        Bytes32 left;
        Bytes32 right;
        to_bytes(left.data(), plus);
        to_bytes(right.data(), product);
        ASSERT_EQ(left, right);
    }
}

}  // namespace
}  // namespace phantom::crypto
