#include "crypto/noise.h"

#include <gtest/gtest.h>

namespace phantom::crypto {
namespace {

TEST(Library, is_new_enough) {
    EXPECT_TRUE(check_library().has_value());
}

TEST(X25519, both_sides_agree) {
    SeededRandom random(1);
    const PrivateKey a = generate_private_key(random);
    const PrivateKey b = generate_private_key(random);
    const auto ab = x25519(a, public_key_of(b));
    const auto ba = x25519(b, public_key_of(a));
    ASSERT_TRUE(ab.has_value());
    ASSERT_TRUE(ba.has_value());
    EXPECT_TRUE(equal_constant_time(ab->view(), ba->view()));
}

TEST(X25519, refuses_a_low_order_point) {
    SeededRandom random(2);
    const auto secret = x25519(generate_private_key(random), PublicKey{});
    ASSERT_FALSE(secret.has_value());
    EXPECT_TRUE(secret.error().is(CryptoError::kZeroSharedSecret));
}

}  // namespace
}  // namespace phantom::crypto
