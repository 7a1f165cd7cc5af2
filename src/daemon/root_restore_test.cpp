#include "daemon/root_restore.h"

#include <vector>

#include <gtest/gtest.h>

#include "daemon/root_hold.h"
#include "identity/identity_fixture.h"

namespace phantom::daemon {
namespace {

using namespace std::chrono_literals;

crypto::SigningSeeds seeds_of_root(std::uint64_t seed) {
    SeededRandom random(seed);
    return crypto::SigningSeeds::generate(random, crypto::SignatureAlgorithm::kMlDsa44Ed25519);
}

identity::MeshId mesh_of_root(const crypto::SigningSeeds& seeds) {
    return identity::mesh_id_of(crypto::SigningKey(seeds).verify_key());
}

class RootRestore : public testing::Test {
  protected:
    static std::vector<std::string> split(
        const crypto::SigningSeeds& seeds, std::uint8_t threshold, std::uint8_t count
    ) {
        SystemRandom random;
        const auto made = identity::new_split(threshold, count, identity::kNow, random);
        std::vector<std::string> lines;
        for (const identity::RootShare& share : identity::split_root(seeds, made)) {
            lines.emplace_back(share.text().text());
        }
        return lines;
    }

    [[nodiscard]] std::string refusal_of(const std::vector<std::string_view>& lines) const {
        const auto restored = restore_root(lines, mesh_of_root(seeds_));
        return restored ? "none" : restored.error();
    }

    const crypto::SigningSeeds seeds_ = seeds_of_root(1);
    const std::vector<std::string> lines_ = split(seeds_, 2, 3);
};

TEST_F(RootRestore, gives_the_key_and_the_split) {
    const std::vector<std::string_view> two{lines_[2], lines_[0]};
    const auto restored = restore_root(two, mesh_of_root(seeds_));
    ASSERT_TRUE(restored.has_value());
    EXPECT_EQ(mesh_of_root(restored->seeds), mesh_of_root(seeds_));
    EXPECT_EQ(restored->split.count, 3);
}

TEST_F(RootRestore, says_which_share_is_wrong_and_why) {
    EXPECT_TRUE(refusal_of({}).starts_with("no share"));
    EXPECT_TRUE(refusal_of({lines_[0]}).starts_with("1 of 2 shares given"));
    EXPECT_TRUE(refusal_of({lines_[0], lines_[0]}).starts_with("share 2: this share was given"));
    EXPECT_TRUE(refusal_of({lines_[0], "phantom1aeaf"}).starts_with("share 2: this is not a share")
    );
    const std::string cut = lines_[1].substr(0, 100);
    EXPECT_TRUE(refusal_of({lines_[0], cut}).starts_with("share 2: the share was altered"));
    const auto other_split = split(seeds_, 2, 3);
    EXPECT_TRUE(refusal_of({lines_[0], other_split[1]}).starts_with("share 2: of another split"));
    const auto other_mesh = split(seeds_of_root(2), 2, 3);
    EXPECT_EQ(refusal_of({other_mesh[0]}), "share 1: belongs to another mesh");
}

TEST_F(RootRestore, never_says_a_share) {
    std::string altered = lines_[1];
    altered.back() = altered.back() == 'a' ? 'b' : 'a';
    for (const std::string& wrong : {altered, "x" + lines_[1]}) {
        const std::string said = refusal_of({lines_[0], wrong});
        EXPECT_EQ(said.find(lines_[1].substr(60, 20)), std::string::npos) << said;
    }
}

TEST(RootHold, is_not_held_for_good_or_until_its_end) {
    const auto seeds = seeds_of_root(1);
    constexpr Instant kBegin{1'000'000'000'000};
    const RootHold none;
    EXPECT_FALSE(none);
    EXPECT_FALSE(none.is_over(kFarFuture));
    const RootHold kept = RootHold::for_good(seeds);
    EXPECT_TRUE(kept && kept.is_for_good());
    EXPECT_FALSE(kept.is_over(kBegin + 24h * 365 * 100));
    RootHold hour = RootHold::until(seeds, kBegin + 1h, identity::kNow.plus(3'600));
    EXPECT_TRUE(hour && !hour.is_for_good());
    EXPECT_EQ((*hour).verify_key(), crypto::SigningKey(seeds).verify_key());
    EXPECT_FALSE(hour.is_over(kBegin + 1h - 1ns));
    EXPECT_TRUE(hour.is_over(kBegin + 1h));
    hour = {};
    EXPECT_FALSE(hour);
    EXPECT_FALSE(hour.until().has_value());
}

}  // namespace
}  // namespace phantom::daemon
