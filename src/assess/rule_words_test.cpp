#include "assess/rule_words.h"

#include <gtest/gtest.h>

namespace phantom::assess {
namespace {

TEST(RuleWords, a_word_counts_before_a_priority) {
    EXPECT_EQ(severity_of({.severity = "Critical", .confidence = "", .priority = 3}), 9);
    EXPECT_EQ(severity_of({.severity = "Major", .confidence = "", .priority = 3}), 7.5);
    EXPECT_EQ(severity_of({.severity = "Minor", .confidence = "", .priority = 1}), 5);
    EXPECT_EQ(severity_of({.severity = "Informational", .confidence = "", .priority = 1}), 2.5);
    EXPECT_EQ(severity_of({.severity = "critical", .confidence = "", .priority = 3}), 3)
        << "no such word";
}

TEST(RuleWords, else_the_priority_does) {
    constexpr std::array kExpected{7.5, 7.5, 5.0, 3.0, 2.0, 2.0};
    for (std::uint64_t priority = 0; priority < kExpected.size(); ++priority) {
        EXPECT_EQ(
            severity_of({.severity = "", .confidence = "", .priority = priority}),
            kExpected.at(priority)
        );
    }
    EXPECT_EQ(severity_of({.severity = "", .confidence = "", .priority = UINT64_MAX}), 2);
    EXPECT_EQ(severity_of({.severity = "", .confidence = "", .priority = {}}), 5) << "nobody says";
}

TEST(RuleWords, confidence_priority_and_a_drop_speak_for_an_attack) {
    EXPECT_EQ(llr_of({.severity = "", .confidence = "High", .priority = 2}), 6);
    EXPECT_EQ(llr_of({.severity = "", .confidence = "Low", .priority = 3}), 1);
    EXPECT_EQ(llr_of({.severity = "", .confidence = "", .priority = 1}), 4.5);
    EXPECT_EQ(llr_of({.severity = "", .confidence = "Medium", .priority = {}}), 4);
    EXPECT_EQ(llr_of({.severity = "", .confidence = "Low", .priority = 3, .drops = true}), 8);
}

}  // namespace
}  // namespace phantom::assess
