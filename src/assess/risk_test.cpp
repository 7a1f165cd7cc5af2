#include "assess/risk.h"

#include <cmath>

#include <gtest/gtest.h>

namespace phantom::assess {
namespace {

TEST(Risk, is_the_formula) {
    const Risk risk = risk_of({.p = 0.93, .severity = 6.5, .blast = 0.5});
    EXPECT_EQ(risk.exponent, 0.75);
    EXPECT_NEAR(risk.severity_factor, std::pow(0.65, 0.75), 1e-12);
    EXPECT_EQ(risk.tenths, 71);  // 1 + 9 x 0.93 x 0.7239 = 7.06
    EXPECT_EQ(risk.priority, Priority::kP2);
    EXPECT_EQ(
        risk.to_string(),
        "7.1 (P2) = 1 + 9 x 0.93 x 0.72: confidence 0.93; severity 6.5 of 10, to the power 0.75 as "
        "50 % of what matters is within reach"
    );
}

TEST(Risk, goes_from_one_to_ten) {
    EXPECT_EQ(risk_of({.p = 0, .severity = 10, .blast = 1}).tenths, 10);
    EXPECT_EQ(risk_of({.p = 1, .severity = 0, .blast = 1}).tenths, 10);
    EXPECT_EQ(risk_of({.p = 1, .severity = 10, .blast = 0}).tenths, 100);
    EXPECT_EQ(risk_of({.p = 1, .severity = 10, .blast = 1}).value(), 10.0);
}

TEST(Risk, never_falls_when_a_factor_rises) {
    constexpr int kSteps = 20;
    const auto tenths = [](int p, int severity, int blast) {
        return risk_of({.p = p / 20.0, .severity = severity / 2.0, .blast = blast / 20.0}).tenths;
    };
    for (int p = 0; p <= kSteps; ++p) {
        for (int severity = 0; severity <= kSteps; ++severity) {
            for (int blast = 0; blast <= kSteps; ++blast) {
                const int here = tenths(p, severity, blast);
                EXPECT_TRUE(p == 0 || tenths(p - 1, severity, blast) <= here);
                EXPECT_TRUE(severity == 0 || tenths(p, severity - 1, blast) <= here);
                EXPECT_TRUE(blast == 0 || tenths(p, severity, blast - 1) <= here);
            }
        }
    }
}

TEST(Priority, is_by_risk_and_for_the_first_by_confidence_too) {
    // Of the worst severity: risk is 1 + 9 p.
    const auto priority = [](double p) {
        return risk_of({.p = p, .severity = 10, .blast = 0}).priority;
    };
    EXPECT_EQ(priority(0.9), Priority::kP1);
    EXPECT_EQ(priority(0.889), Priority::kP2) << "risk 9.0, but not sure enough";
    EXPECT_EQ(priority(0.67), Priority::kP2);
    EXPECT_EQ(priority(0.65), Priority::kP3);
    EXPECT_EQ(priority(0.45), Priority::kP3);
    EXPECT_EQ(priority(0.43), Priority::kP4);
    EXPECT_EQ(priority(0.23), Priority::kP4);
    EXPECT_EQ(priority(0.21), Priority::kP5);
    for (const auto& [each, name] :
         {std::pair{Priority::kP1, "P1"},
          {Priority::kP2, "P2"},
          {Priority::kP3, "P3"},
          {Priority::kP4, "P4"},
          {Priority::kP5, "P5"}}) {
        EXPECT_EQ(name_of(each), name);
    }
}

}  // namespace
}  // namespace phantom::assess
