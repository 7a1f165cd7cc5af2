#include "crypto/signature.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "crypto/bytes_fixture.h"
#include "crypto/ed25519.h"
#include "crypto/ml_dsa.h"
#include "crypto/secret_bytes.h"

namespace phantom::crypto {
namespace {

constexpr std::string_view kLabel = "phantom test 1";

Bytes bytes_of(ByteView view) {
    return {view.begin(), view.end()};
}

class HybridSignature : public testing::TestWithParam<SignatureAlgorithm> {
  protected:
    [[nodiscard]] static SigningKey key(std::uint64_t seed) {
        SeededRandom random(seed);
        return SigningKey(SigningSeeds::generate(random, GetParam()));
    }

    void expect_refused(const VerifyKey& by, std::string_view label, ByteView message) {
        const Status status = verify(by, label, message, signature_);
        ASSERT_FALSE(status.has_value());
        EXPECT_TRUE(status.error().is(CryptoError::kBadSignature));
    }

    SigningKey key_ = key(1);
    Bytes message_ = {1, 2, 3};
    Signature signature_ = key_.sign(kLabel, message_);
};

TEST_P(HybridSignature, verifies_what_it_signed) {
    EXPECT_TRUE(verify(key_.verify_key(), kLabel, message_, signature_).has_value());
    EXPECT_TRUE(verify(key_.verify_key(), kLabel, {}, key_.sign(kLabel, {})).has_value());
}

TEST_P(HybridSignature, is_the_same_each_time) {
    EXPECT_EQ(key_.sign(kLabel, message_), signature_);
    EXPECT_EQ(key(1).verify_key(), key_.verify_key());
}

TEST_P(HybridSignature, refuses_another_message_purpose_or_key) {
    expect_refused(key_.verify_key(), kLabel, Bytes{1, 2});
    expect_refused(key_.verify_key(), "phantom test 2", message_);
    expect_refused(key(2).verify_key(), kLabel, message_);
}

TEST_P(HybridSignature, a_byte_cannot_move_from_the_message_to_the_label) {
    const Bytes message = {'1'};
    const Signature signature = key_.sign("phantom test ", message);
    EXPECT_FALSE(verify(key_.verify_key(), "phantom test 1", {}, signature).has_value());
}

TEST_P(HybridSignature, needs_both_halves) {
    const Bytes ours = bytes_of(signature_.encoded());
    const Bytes other = bytes_of(key_.sign(kLabel, Bytes{9}).encoded());
    Bytes classical_only = other;
    std::copy_n(ours.begin(), 65, classical_only.begin());
    Bytes post_quantum_only = ours;
    std::copy_n(other.begin(), 65, post_quantum_only.begin());
    for (const Bytes& half : {classical_only, post_quantum_only}) {
        const auto signature = Signature::decode(half);
        ASSERT_TRUE(signature.has_value());
        EXPECT_FALSE(verify(key_.verify_key(), kLabel, message_, *signature).has_value());
    }
    ASSERT_TRUE(verify(key_.verify_key(), kLabel, message_, signature_).has_value());
}

TEST_P(HybridSignature, each_half_binds_the_label_alone) {
    const ByteView key = key_.verify_key().encoded();
    const ByteView signature = signature_.encoded();
    const MlDsaSet set =
        GetParam() == SignatureAlgorithm::kMlDsa65Ed25519 ? MlDsaSet::k65 : MlDsaSet::k44;
    EXPECT_FALSE(ed25519_verify(key.subspan(1, 32), message_, signature.subspan(1, 64)));
    EXPECT_FALSE(ml_dsa_verify(set, key.subspan(33), {}, message_, signature.subspan(65)));
}

TEST_P(HybridSignature, refuses_any_flipped_byte) {
    for (std::size_t at = 0; at < signature_.encoded().size(); at += at < 80 ? 1 : 37) {
        Bytes broken = bytes_of(signature_.encoded());
        broken[at] ^= 1;
        const auto signature = Signature::decode(broken);
        if (at == 0) {
            EXPECT_FALSE(signature.has_value());
            continue;
        }
        ASSERT_TRUE(signature.has_value());
        EXPECT_FALSE(verify(key_.verify_key(), kLabel, message_, *signature).has_value()) << at;
    }
}

TEST_P(HybridSignature, decodes_its_own_size_only) {
    const Bytes key = bytes_of(key_.verify_key().encoded());
    const Bytes signature = bytes_of(signature_.encoded());
    EXPECT_EQ(key.size(), verify_key_size(GetParam()));
    EXPECT_EQ(signature.size(), signature_size(GetParam()));
    EXPECT_EQ(VerifyKey::decode(key).value(), key_.verify_key());
    EXPECT_EQ(Signature::decode(signature).value(), signature_);
    for (const std::size_t size : {std::size_t{1}, std::size_t{64}, key.size() - 1}) {
        EXPECT_TRUE(
            VerifyKey::decode(ByteView(key).first(size)).error().is(CryptoError::kMalformedKey)
        );
        EXPECT_TRUE(Signature::decode(ByteView(signature).first(size))
                        .error()
                        .is(CryptoError::kMalformedSignature));
    }
}

std::string name_of_algorithm(const testing::TestParamInfo<SignatureAlgorithm>& info) {
    return info.param == SignatureAlgorithm::kMlDsa65Ed25519 ? "MlDsa65" : "MlDsa44";
}

INSTANTIATE_TEST_SUITE_P(
    Algorithms, HybridSignature,
    testing::Values(SignatureAlgorithm::kMlDsa65Ed25519, SignatureAlgorithm::kMlDsa44Ed25519),
    name_of_algorithm
);

TEST(SignatureValues, unknown_algorithms_are_refused) {
    for (const std::uint8_t algorithm : Bytes{0, 3, 255}) {
        Bytes bytes(kVerifyKeySizeMax);
        bytes[0] = algorithm;
        EXPECT_TRUE(VerifyKey::decode(bytes).error().is(CryptoError::kUnknownSignatureAlgorithm));
        EXPECT_TRUE(Signature::decode(bytes).error().is(CryptoError::kUnknownSignatureAlgorithm));
    }
    EXPECT_FALSE(VerifyKey::decode({}).has_value());
    EXPECT_FALSE(Signature::decode({}).has_value());
}

TEST(SignatureValues, an_algorithm_does_not_verify_with_the_key_of_another) {
    SeededRandom random(1);
    SigningSeeds seeds = SigningSeeds::generate(random, SignatureAlgorithm::kMlDsa65Ed25519);
    const SigningKey large(seeds);
    seeds.algorithm = SignatureAlgorithm::kMlDsa44Ed25519;
    const SigningKey small(seeds);
    EXPECT_FALSE(verify(large.verify_key(), kLabel, {}, small.sign(kLabel, {})).has_value());
    EXPECT_FALSE(verify(VerifyKey(), kLabel, {}, Signature()).has_value());
}

TEST(SignatureValues, a_label_is_printable_and_bounded) {
    SeededRandom random(1);
    const SigningKey key(SigningSeeds::generate(random, SignatureAlgorithm::kMlDsa44Ed25519));
    EXPECT_DEATH((void)key.sign("", {}), "label");
    EXPECT_DEATH((void)key.sign(std::string_view("a\0b", 3), {}), "label");
    EXPECT_DEATH((void)key.sign(std::string(65, 'a'), {}), "label");
}

TEST(SecretBytes, moves_and_shortens) {
    SecretBytes a(Bytes{1, 2, 3});
    SecretBytes b = std::move(a);
    EXPECT_EQ(bytes_of(b.view()), (Bytes{1, 2, 3}));
    b.shorten(2);
    EXPECT_EQ(bytes_of(b.view()), (Bytes{1, 2}));
    b = SecretBytes(Bytes{'o', 'k'});
    EXPECT_EQ(b.text(), "ok");
}

}  // namespace
}  // namespace phantom::crypto
