#include "assess/evidence.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "assess/log_odds.h"

namespace phantom::assess {
namespace {

using std::chrono::hours;

constexpr double kNear = 1e-12;

TEST(LogOdds, are_the_probability_again) {
    EXPECT_EQ(log_odds_of(0.5), 0);
    EXPECT_NEAR(probability_of(log_odds_of(0.01)), 0.01, kNear);
    EXPECT_EQ(probability_of(-1000), 0);
    EXPECT_EQ(probability_of(1000), 1);
}

TEST(LogLikelihoodRatio, is_smoothed) {
    // ln[(41 / 102) / (3 / 902)]
    EXPECT_NEAR(
        log_likelihood_ratio({.attacks = 40, .benign = 2}, {.attacks = 100, .benign = 900}),
        std::log(41.0 / 102 / (3.0 / 902)), kNear
    );
    EXPECT_EQ(log_likelihood_ratio({}, {}), 0) << "nothing was judged yet";
    EXPECT_LT(log_likelihood_ratio({.attacks = 0, .benign = 50}, {.attacks = 50, .benign = 50}), 0);
}

TEST(Fusion, of_a_family_the_strongest_counts_alone) {
    const std::vector<Evidence> evidence{
        {EvidenceFamily::kSignature, 2.0},  {EvidenceFamily::kSignature, 3.0},
        {EvidenceFamily::kSignature, -1.0}, {EvidenceFamily::kAnomaly, 0.5},
        {EvidenceFamily::kScenario, -0.25},
    };
    const Fused fused = fuse(0.1, evidence);
    EXPECT_NEAR(fused.log_odds(), std::log(0.1 / 0.9) + 3.0 + 0.5 - 0.25, kNear);
    EXPECT_EQ(fused.families[static_cast<std::size_t>(EvidenceFamily::kSignature)], 3.0);
    EXPECT_EQ(fused.families[static_cast<std::size_t>(EvidenceFamily::kLog)], std::nullopt);
    EXPECT_NEAR(fuse(0.1, {}).log_odds(), log_odds_of(0.1), kNear);
}

RC_GTEST_PROP(Fusion, more_evidence_in_a_family_there_is_never_lowers_it, ()) {
    const double first = *rc::gen::inRange(-900, 900) / 100.0;
    const double second = *rc::gen::inRange(-900, 900) / 100.0;
    const std::vector<Evidence> both{{EvidenceFamily::kLog, first}, {EvidenceFamily::kLog, second}};
    RC_ASSERT(fuse(0.01, both).log_odds() >= fuse(0.01, std::span(both).first(1)).log_odds());
}

TEST(Reputation, halves_with_its_half_life) {
    const FeedHit fresh{.confidence = 0.8, .age = hours(0), .half_life = hours(24)};
    FeedHit old = fresh;
    old.age = hours(48);
    EXPECT_NEAR(reputation_of({&fresh, 1}), 0.8, kNear);
    EXPECT_NEAR(reputation_of({&old, 1}), 0.2, kNear);
    const FeedHit both[] = {fresh, old};
    EXPECT_NEAR(reputation_of(both), 1 - (0.2 * 0.8), kNear);
    old.age = hours(-5);
    EXPECT_NEAR(reputation_of({&old, 1}), 0.8, kNear) << "the feed's clock is ahead";
    EXPECT_EQ(reputation_of({}), 0);
}

TEST(Reputation, that_nobody_names_is_no_alibi) {
    EXPECT_FALSE(reputation_evidence({}, 0.01).has_value());
    const FeedHit weak{.confidence = 0.01, .age = hours(1), .half_life = hours(1)};
    EXPECT_FALSE(reputation_evidence({&weak, 1}, 0.01).has_value());
    const FeedHit strong{.confidence = 0.5, .age = hours(0), .half_life = hours(1)};
    const auto evidence = reputation_evidence({&strong, 1}, 0.01);
    EXPECT_EQ(evidence->family, EvidenceFamily::kReputation);
    EXPECT_NEAR(evidence->llr, -log_odds_of(0.01), kNear);
    const FeedHit certain{.confidence = 1, .age = hours(0), .half_life = hours(1)};
    EXPECT_NEAR(reputation_evidence({&certain, 1}, 0.5)->llr, log_odds_of(0.999), 1e-9);
}

TEST(EvidenceFamilies, have_names) {
    for (std::size_t index = 0; index < kEvidenceFamilyCount; ++index) {
        EXPECT_NE(name_of(static_cast<EvidenceFamily>(index)), "unknown");
    }
}

}  // namespace
}  // namespace phantom::assess
