#include "identity/root_share.h"

#include <bit>
#include <string>

#include <gtest/gtest.h>

#include "identity/base32.h"
#include "identity/identity_fixture.h"
#include "identity/record_checks.h"

namespace phantom::identity {
namespace {

const crypto::SigningSeeds& seeds_to_split() {
    static SeededRandom random(7);
    static const auto seeds =
        crypto::SigningSeeds::generate(random, crypto::SignatureAlgorithm::kMlDsa44Ed25519);
    return seeds;
}

MeshId mesh_of(const crypto::SigningSeeds& seeds) {
    return mesh_id_of(crypto::SigningKey(seeds).verify_key());
}

std::string text_of_share(const RootShare& share) {
    return std::string(share.text().text());
}

std::vector<std::string> split_into_texts(
    std::uint8_t threshold, std::uint8_t count, std::uint64_t seed = 1,
    const crypto::SigningSeeds& seeds = seeds_to_split()
) {
    SeededRandom random(seed);
    std::vector<std::string> texts;
    for (const RootShare& share : split_root(seeds, new_split(threshold, count, kNow, random))) {
        texts.push_back(text_of_share(share));
    }
    return texts;
}

class RootSharesTest : public testing::Test {
  protected:
    void expect_refused(const std::string& text, IdentityError code) {
        const std::size_t before = shares_.given();
        const Status added = shares_.add(RootShare::parse(text).value());
        ASSERT_FALSE(added.has_value());
        EXPECT_TRUE(added.error().is(code)) << added.error().message();
        EXPECT_EQ(shares_.given(), before);
    }
    void expect_not_restored(IdentityError code) const {
        const auto restored = shares_.restore();
        ASSERT_FALSE(restored.has_value());
        EXPECT_TRUE(restored.error().is(code)) << restored.error().message();
    }
    void give(const std::string& text) {
        ASSERT_TRUE(shares_.add(RootShare::parse(text).value()).has_value());
    }

    RootShares shares_{mesh_of(seeds_to_split())};
};

TEST(RootShare, is_one_word_and_reads_back) {
    for (const std::string& text : split_into_texts(2, 3)) {
        EXPECT_TRUE(text.starts_with("pmshare1-"));
        EXPECT_EQ(text.size(), 165U);
        EXPECT_EQ(text.find_first_not_of("abcdefghijklmnopqrstuvwxyz234567", 9), std::string::npos);
        const auto share = RootShare::parse(text);
        ASSERT_TRUE(share.has_value());
        EXPECT_EQ(share->split.threshold, 2);
        EXPECT_EQ(share->split.count, 3);
        EXPECT_EQ(share->split.made, kNow);
        EXPECT_EQ(text_of_share(*share), text);
    }
}

TEST(RootShare, any_altered_character_is_noticed) {
    const std::string text = split_into_texts(2, 2).front();
    for (std::size_t at = 0; at < text.size(); ++at) {
        for (const int bit : {0, 1, 5, 7}) {
            std::string altered = text;
            altered[at] = static_cast<char>(altered[at] ^ (1 << bit));
            ASSERT_FALSE(RootShare::parse(altered).has_value()) << at << " " << bit;
        }
    }
}

TEST(RootShare, each_way_to_be_none_has_its_error) {
    const std::string text = split_into_texts(2, 2).front();
    const auto expect = [](const std::string& wrong, IdentityError code) {
        const auto share = RootShare::parse(wrong);
        ASSERT_FALSE(share.has_value()) << wrong;
        EXPECT_TRUE(share.error().is(code)) << share.error().message() << ": " << wrong;
    };
    expect("", IdentityError::kNotAShare);
    expect("phantom1aeaf", IdentityError::kNotAShare);
    expect(" " + text, IdentityError::kNotAShare);
    expect("pmshare2-" + text.substr(9), IdentityError::kUnsupportedVersion);
    expect(text.substr(0, text.size() - 1), IdentityError::kShareDamaged);
    expect(text + "a", IdentityError::kShareDamaged);
    expect(text + "\n", IdentityError::kShareDamaged);
    std::string swapped = text;
    // A share is random, and any two of its letters may be the same.
    const std::size_t other = swapped.find_first_not_of(swapped[40], 41);
    std::swap(swapped[40], swapped.at(other));
    expect(swapped, IdentityError::kShareDamaged);
}

TEST(RootShare, what_a_split_may_be_is_bounded) {
    EXPECT_TRUE(check_split(2, 2).has_value());
    EXPECT_TRUE(check_split(16, 16).has_value());
    for (const auto& [threshold, count] : {std::pair{1U, 3U}, {0U, 3U}, {4U, 3U}, {2U, 17U}}) {
        const Status checked = check_split(threshold, count);
        ASSERT_FALSE(checked.has_value());
        EXPECT_TRUE(checked.error().is(IdentityError::kBadSplit));
    }
}

TEST(RootShare, a_share_of_an_impossible_split_is_none) {
    RootShare share = std::move(*RootShare::parse(split_into_texts(2, 3).front()));
    const auto expect_damaged = [&] {
        const auto parsed = RootShare::parse(text_of_share(share));
        ASSERT_FALSE(parsed.has_value());
        EXPECT_TRUE(parsed.error().is(IdentityError::kShareDamaged));
    };
    share.piece.number = 4;
    expect_damaged();
    share.piece.number = 0;
    expect_damaged();
    share.piece.number = 1;
    share.split.threshold = 1;
    expect_damaged();
    share.split.threshold = 4;
    expect_damaged();
}

TEST_F(RootSharesTest, every_subset_that_is_large_enough_restores_the_key) {
    const auto texts = split_into_texts(3, 4);
    for (unsigned which = 0; which < 16; ++which) {
        shares_ = RootShares(mesh_of(seeds_to_split()));
        for (unsigned index = 0; index < 4; ++index) {
            if ((which >> index & 1U) != 0) {
                give(texts[index]);
            }
        }
        const auto restored = shares_.restore();
        ASSERT_EQ(restored.has_value(), std::popcount(which) >= 3) << which;
        if (restored) {
            EXPECT_EQ(mesh_of(*restored), mesh_of(seeds_to_split()));
        } else {
            EXPECT_TRUE(restored.error().is(IdentityError::kTooFewShares));
        }
    }
}

TEST_F(RootSharesTest, one_share_given_twice_is_still_one) {
    const auto texts = split_into_texts(2, 3);
    give(texts[1]);
    expect_refused(texts[1], IdentityError::kShareRepeated);
    expect_not_restored(IdentityError::kTooFewShares);
    give(texts[0]);
    EXPECT_TRUE(shares_.restore().has_value());
}

TEST_F(RootSharesTest, shares_of_two_splits_do_not_mix) {
    give(split_into_texts(2, 3, 1)[0]);
    expect_refused(split_into_texts(2, 3, 2)[1], IdentityError::kShareOfOtherSplit);
    give(split_into_texts(2, 3, 1)[1]);  // of another polynomial: only made alike by the test
    expect_not_restored(IdentityError::kSharesDoNotRestore);
}

TEST_F(RootSharesTest, shares_of_another_mesh_are_refused) {
    SeededRandom random(8);
    const auto other =
        crypto::SigningSeeds::generate(random, crypto::SignatureAlgorithm::kMlDsa44Ed25519);
    expect_refused(split_into_texts(2, 3, 1, other)[0], IdentityError::kWrongMesh);
}

TEST_F(RootSharesTest, a_forged_share_is_noticed_also_among_enough_good_ones) {
    const auto texts = split_into_texts(2, 3);
    RootShare forged = std::move(*RootShare::parse(texts[2]));
    forged.piece.value.bytes()[20] ^= 1;
    give(texts[0]);
    give(text_of_share(forged));
    expect_not_restored(IdentityError::kSharesDoNotRestore);
    give(texts[1]);
    expect_not_restored(IdentityError::kSharesDoNotRestore);
}

TEST(RootSplit, comes_back_as_it_was) {
    SeededRandom random(3);
    const RootSplit split = new_split(2, 3, kNow, random);
    const auto payload = encode_state(split).value();
    EXPECT_EQ(decode_root_split(payload.view()).value(), split);
    Bytes wrong = bytes_of(payload.view());
    wrong[0] = 1;
    EXPECT_TRUE(decode_root_split(wrong).error().is(IdentityError::kStateDamaged));
    EXPECT_FALSE(decode_root_split(payload.view().first(17)).has_value());
}

}  // namespace
}  // namespace phantom::identity
