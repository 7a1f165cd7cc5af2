#include "assess/assess.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "assess/assess_fixture.h"

namespace phantom::assess {
namespace {

using std::chrono::hours;

constexpr NodeIndex kSubject = 5;

class Assessing : public testing::Test {
  protected:
    [[nodiscard]] Finding finding() const {
        return {
            .evidence = evidence_,
            .feeds = {&hit_, 1},
            .severity = 7.5,
            .subject = kSubject,
            .technique = TechniqueId::parse("T1110.003"),
        };
    }

    Calibration calibration_ = test::honest_calibration(5'000, 3);
    BlastGraph graph_ = test::drawn_graph(100, 250, 4);
    TechniqueTable techniques_ = test::two_techniques();
    Assessor assessor_{AssessmentBasis{
        .prior = 0.01, .calibration = calibration_, .graph = graph_, .techniques = techniques_
    }};
    std::vector<Evidence> evidence_{
        {EvidenceFamily::kSignature, 4.0}, {EvidenceFamily::kAnomaly, -0.5}
    };
    FeedHit hit_{.confidence = 0.6, .age = hours(1), .half_life = hours(48)};
};

TEST_F(Assessing, joins_what_the_parts_say) {
    const Assessment made = assessor_.assess(finding());
    EXPECT_EQ(made.calibration_version, 3U);
    const double expected =
        log_odds_of(0.01) + 4 - 0.5 + reputation_evidence({&hit_, 1}, 0.01)->llr;
    EXPECT_NEAR(made.evidence.log_odds(), expected, 1e-12);
    EXPECT_EQ(made.confidence.p, calibration_.at(expected).p);
    EXPECT_EQ(made.blast, BlastWalk().from(graph_, kSubject));
    const Risk risk = risk_of({.p = made.confidence.p, .severity = 7.5, .blast = made.blast.share});
    EXPECT_EQ(made.risk.tenths, risk.tenths);
    EXPECT_EQ(made.risk.priority, risk.priority);
    EXPECT_EQ(techniques_.first_of(made.tactics), "credential-access");
}

TEST_F(Assessing, is_explained_term_by_term) {
    const std::string text = assessor_.explain(assessor_.assess(finding()));
    for (const char* part :
         {"risk ", " = 1 + 9 x ", "severity 7.5 of 10", "(calibration 3)", "prior -4.60",
          "+ signature 4.00", "- anomaly 0.50", "+ reputation 4.9",
          "within reach: ", "technique T1110.003 (credential-access)\n"}) {
        EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
    }
    EXPECT_EQ(std::ranges::count(text, '\n'), 4);
}

TEST_F(Assessing, without_a_technique_says_nothing_of_one) {
    Finding unnamed = finding();
    unnamed.technique.reset();
    EXPECT_EQ(assessor_.explain(assessor_.assess(unnamed)).find("technique"), std::string::npos);
    unnamed.technique = TechniqueId::parse("T9999");
    const Assessment unknown = assessor_.assess(unnamed);
    EXPECT_EQ(unknown.tactics, 0U);
    EXPECT_TRUE(assessor_.explain(unknown).ends_with("technique T9999\n"));
}

TEST_F(Assessing, says_what_risk_an_action_would_leave) {
    const Assessment made = assessor_.assess(finding());
    const NodeIndex isolated = kSubject;
    const Risk left = assessor_.risk_after(made, kSubject, {.nodes = {&isolated, 1}, .edges = {}});
    EXPECT_EQ(left.factors.blast, 0);
    EXPECT_EQ(left.factors.p, made.confidence.p);
    EXPECT_LT(left.tenths, made.risk.tenths);
    EXPECT_EQ(assessor_.risk_after(made, kSubject, {}).tenths, made.risk.tenths);
}

}  // namespace
}  // namespace phantom::assess
