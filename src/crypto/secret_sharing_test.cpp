#include "crypto/secret_sharing.h"

#include <algorithm>
#include <bit>
#include <set>

#include <gtest/gtest.h>

#include "base/random.h"

namespace phantom::crypto {
namespace {

constexpr std::size_t kSharedSize = 65;

SecretBytes secret_to_share(std::uint64_t seed) {
    SecretBytes secret(kSharedSize);
    SeededRandom(seed).fill(secret.bytes());
    return secret;
}

// Those whose bits are set.
std::vector<SecretShare> subset_of(const std::vector<SecretShare>& shares, unsigned which) {
    std::vector<SecretShare> chosen;
    for (const SecretShare& share : shares) {
        if ((which >> (share.number - 1U) & 1U) != 0) {
            chosen.push_back({share.number, SecretBytes(share.value.view())});
        }
    }
    return chosen;
}

bool restores(std::span<const SecretShare> shares, const SecretBytes& secret) {
    return std::ranges::equal(join_shares(shares).view(), secret.view());
}

TEST(SecretSharing, every_subset_that_is_large_enough_restores_and_no_other) {
    for (std::uint8_t count = 2; count <= 6; ++count) {
        for (std::uint8_t threshold = 2; threshold <= count; ++threshold) {
            const SecretBytes secret = secret_to_share(count * 16U + threshold);
            const auto shares = split_secret(secret.view(), threshold, count);
            ASSERT_EQ(shares.size(), count);
            for (unsigned which = 1; which < (1U << count); ++which) {
                const bool enough = std::popcount(which) >= threshold;
                EXPECT_EQ(restores(subset_of(shares, which), secret), enough)
                    << +threshold << " of " << +count << ": " << which;
            }
        }
    }
}

TEST(SecretSharing, of_the_largest_number_restores) {
    const SecretBytes secret = secret_to_share(1);
    const auto shares = split_secret(secret.view(), kSharesMax, kSharesMax);
    EXPECT_TRUE(restores(shares, secret));
    EXPECT_FALSE(restores(std::span(shares).first(kSharesMax - 1), secret));
}

TEST(SecretSharing, one_altered_bit_restores_something_else) {
    const SecretBytes secret = secret_to_share(2);
    auto shares = split_secret(secret.view(), 2, 3);
    shares[2].value.bytes()[7] ^= 1;
    EXPECT_FALSE(restores(shares, secret));
}

TEST(SecretSharing, a_share_is_the_polynomial_at_its_number) {
    // GF(2^8) modulo 0x11d: 1 + 2 x and 5 + 3 x at 1 and 2.
    const std::array<std::uint8_t, 2> at_one{1 ^ 2, 5 ^ 3};
    const std::array<std::uint8_t, 2> at_two{1 ^ 4, 5 ^ 6};
    std::vector<SecretShare> shares;
    shares.push_back({1, SecretBytes(ByteView(at_one))});
    shares.push_back({2, SecretBytes(ByteView(at_two))});
    const std::array<std::uint8_t, 2> expected{1, 5};
    EXPECT_TRUE(std::ranges::equal(join_shares(shares).view(), expected));
    // 0x80 + 0x80 x at 2: 2 * 0x80 is 0x100, reduced to 0x1d.
    shares.clear();
    shares.push_back({1, SecretBytes(ByteView(std::array<std::uint8_t, 1>{0x00}))});
    shares.push_back({2, SecretBytes(ByteView(std::array<std::uint8_t, 1>{0x80 ^ 0x1d}))});
    EXPECT_EQ(join_shares(shares).view()[0], 0x80);
}

// One share of a secret takes every value: in so many splits each of the 256 appears, but for a chance
// of 1 in 10^11.
TEST(SecretSharing, one_share_alone_may_have_any_value) {
    const std::array<std::uint8_t, 1> secret{42};
    std::set<std::uint8_t> seen;
    for (int split = 0; split < 8'000; ++split) {
        seen.insert(split_secret(secret, 2, 2)[0].value.view()[0]);
    }
    EXPECT_EQ(seen.size(), 256U);
}

}  // namespace
}  // namespace phantom::crypto
