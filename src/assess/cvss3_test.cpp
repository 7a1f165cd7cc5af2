#include "assess/cvss3.h"

#include <algorithm>
#include <array>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace phantom::assess {
namespace {

Cvss3Scores scores_of(const std::string& text) {
    return score_cvss3(parse_cvss(text).value());
}

// FIRST, "Common Vulnerability Scoring System version 3.1: Examples", which scores the same in 3.0.
TEST(Cvss3, scores_the_examples_of_first) {
    const std::pair<const char*, int> examples[] = {
        {"AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", 64},  // CVE-2013-0375
        {"AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N", 31},  // CVE-2014-3566
        {"AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:H/A:H", 99},  // CVE-2012-1516
        {"AV:L/AC:L/PR:H/UI:N/S:U/C:L/I:L/A:L", 42},  // CVE-2009-0783
        {"AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", 88},  // CVE-2012-0384
        {"AV:L/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H", 78},  // CVE-2015-1098
        {"AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", 75},  // CVE-2014-0160
        {"AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 98},  // CVE-2014-6271
        {"AV:N/AC:H/PR:N/UI:N/S:C/C:N/I:H/A:N", 68},  // CVE-2008-1447
        {"AV:P/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 68},  // CVE-2014-2005
        {"AV:N/AC:L/PR:N/UI:N/S:C/C:L/I:N/A:N", 58},  // CVE-2010-0467
        {"AV:A/AC:L/PR:N/UI:N/S:C/C:H/I:N/A:H", 93},  // CVE-2013-6014
        {"AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 61},  // CVE-2019-7551
        {"AV:A/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 88},  // CVE-2011-1265
        {"AV:P/AC:L/PR:N/UI:N/S:U/C:N/I:H/A:N", 46},  // CVE-2014-2019
        {"AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:N", 74},  // CVE-2014-0224
        {"AV:N/AC:L/PR:N/UI:R/S:C/C:H/I:H/A:H", 96},  // CVE-2012-5376
    };
    for (const auto& [metrics, tenths] : examples) {
        EXPECT_EQ(scores_of(std::string("CVSS:3.1/") + metrics).base.tenths(), tenths) << metrics;
        EXPECT_EQ(scores_of(std::string("CVSS:3.0/") + metrics).base.tenths(), tenths) << metrics;
    }
}

TEST(Cvss3, temporal_metrics_lower_what_the_base_says) {
    const std::string base = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
    EXPECT_EQ(scores_of(base + "/E:H/RL:U/RC:C").temporal.to_string(), "9.8");
    EXPECT_EQ(scores_of(base + "/E:F/RL:X").temporal.to_string(), "9.6");  // 9.8 x .97 = 9.506
    EXPECT_EQ(scores_of(base + "/E:U/RL:O/RC:U").temporal.to_string(), "7.8");
}

TEST(Cvss3, environmental_metrics_stand_for_the_base_ones) {
    const auto scores = scores_of(
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/MAV:P/MAC:H/MPR:H/MUI:R/MC:L/MI:N/MA:N"
    );
    EXPECT_EQ(scores.base.to_string(), "9.8");
    EXPECT_EQ(scores.environmental, scores_of("CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N").base);
    EXPECT_EQ(
        scores_of("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/MC:N/MI:N/MA:N").environmental,
        Score()
    );
}

TEST(Cvss3, three_one_says_less_of_the_worst_changed_scope_than_three_zero) {
    // The one formula that differs: 7.52 (MISS - .029) - 3.25 (...).
    const std::string metrics = "AV:P/AC:H/PR:L/UI:R/S:C/C:L/I:H/A:H/CR:H/IR:H/AR:H";
    EXPECT_EQ(scores_of("CVSS:3.0/" + metrics).environmental.to_string(), "6.9");
    EXPECT_EQ(scores_of("CVSS:3.1/" + metrics).environmental.to_string(), "7.0");
}

// Every vector of base metrics, and what `see` says of each.
template <class See>
void each_base_vector(CvssVersion version, See see) {
    std::array<std::string_view, 8> values{};
    for (std::size_t index = 0; index < values.size(); ++index) {
        values[index] = metrics_of(version)[index].values;
    }
    std::array<std::size_t, 8> at{};
    while (true) {
        std::string text = fmt::format("CVSS:{}", name_of(version));
        for (std::size_t index = 0; index < at.size(); ++index) {
            text +=
                fmt::format("/{}:{}", metrics_of(version)[index].name, values[index][at[index]]);
        }
        see(parse_cvss(text).value());
        std::size_t index = 0;
        while (index < at.size() && (at[index] += 2) > values[index].size()) {
            at[index++] = 0;
        }
        if (index == at.size()) {
            return;
        }
    }
}

constexpr std::array kExploitMetrics{
    Cvss3::kAttackVector, Cvss3::kAttackComplexity, Cvss3::kPrivilegesRequired,
    Cvss3::kUserInteraction
};
constexpr std::array kImpactMetrics{
    Cvss3::kConfidentiality, Cvss3::kIntegrity, Cvss3::kAvailability
};

// The metrics' values stand from the worst to the least, but for AC, whose "L" is worse than "H".
char next_lesser(Cvss3 metric, char value) {
    const std::string_view values =
        metrics_of(CvssVersion::k31)[static_cast<std::size_t>(metric)].values;
    const std::size_t next = values.find(value) + 2;
    return next < values.size() ? values[next] : '\0';
}

TEST(Cvss3, no_base_score_rises_when_a_metric_gets_less_severe) {
    for (const CvssVersion version : {CvssVersion::k30, CvssVersion::k31}) {
        unsigned count = 0;
        each_base_vector(version, [&](CvssVector vector) {
            ++count;
            const Score score = score_cvss3(vector).base;
            const auto check = [&](Cvss3 metric) {
                const char before = vector.at(metric);
                if (const char lesser = next_lesser(metric, before); lesser != '\0') {
                    vector.set(metric, lesser);
                    EXPECT_LE(score_cvss3(vector).base, score) << vector.to_string();
                    vector.set(metric, before);
                }
            };
            std::ranges::for_each(kExploitMetrics, check);
            std::ranges::for_each(kImpactMetrics, check);
        });
        EXPECT_EQ(count, 2592U);
    }
}

TEST(Cvss3, no_impact_is_no_score_and_an_impact_is_one) {
    each_base_vector(CvssVersion::k31, [](const CvssVector& vector) {
        bool any = false;
        for (const Cvss3 metric : kImpactMetrics) {
            any = any || vector.at(metric) != 'N';
        }
        EXPECT_EQ(score_cvss3(vector).base > Score(), any) << vector.to_string();
    });
}

TEST(Cvss3, what_is_not_defined_changes_nothing_but_a_changed_scope_of_3_1) {
    for (const CvssVersion version : {CvssVersion::k30, CvssVersion::k31}) {
        int differing = 0;
        each_base_vector(version, [&](const CvssVector& vector) {
            const Cvss3Scores scores = score_cvss3(vector);
            EXPECT_EQ(scores.temporal, scores.base);
            if (scores.environmental != scores.base) {
                ++differing;
                EXPECT_EQ(vector.at(Cvss3::kScope), 'C');
            }
        });
        EXPECT_EQ(differing > 0, version == CvssVersion::k31) << differing;
    }
}

TEST(Cvss3, all_that_it_can_be_modified_to_stays_within_bounds) {
    // Every requirement and every modified impact, on the two ends of exploitability.
    for (const std::string ends : {"AV:N/AC:L/PR:N/UI:N", "AV:P/AC:H/PR:H/UI:R"}) {
        for (const std::string version : {"CVSS:3.0/", "CVSS:3.1/"}) {
            for (const char scope : {'U', 'C'}) {
                CvssVector vector = parse_cvss(version + ends + "/S:U/C:H/I:H/A:H").value();
                vector.set(Cvss3::kModifiedScope, scope);
                for (int code = 0; code < 27 * 27; ++code) {
                    int left = code;
                    for (int nth = 0; nth < 3; ++nth, left /= 9) {
                        vector.set(
                            static_cast<Cvss3>(
                                static_cast<int>(Cvss3::kModifiedConfidentiality) + nth
                            ),
                            "HLN"[left % 3]
                        );
                        vector.set(
                            static_cast<Cvss3>(
                                static_cast<int>(Cvss3::kConfidentialityRequirement) + nth
                            ),
                            "HML"[left / 3 % 3]
                        );
                    }
                    const Cvss3Scores scores = score_cvss3(vector);
                    EXPECT_LE(scores.environmental.tenths(), Score::kTenthsMax);
                }
            }
        }
    }
}

TEST(Score, has_the_severity_of_first_s_scale) {
    const std::pair<int, Severity> scale[] = {
        {0, Severity::kNone},    {1, Severity::kLow},       {39, Severity::kLow},
        {40, Severity::kMedium}, {69, Severity::kMedium},   {70, Severity::kHigh},
        {89, Severity::kHigh},   {90, Severity::kCritical}, {100, Severity::kCritical},
    };
    for (const auto& [tenths, severity] : scale) {
        EXPECT_EQ(Score::of_tenths(tenths).severity(), severity) << tenths;
    }
    EXPECT_EQ(name_of(Severity::kNone), "none");
    EXPECT_EQ(name_of(Severity::kLow), "low");
    EXPECT_EQ(name_of(Severity::kMedium), "medium");
    EXPECT_EQ(name_of(Severity::kHigh), "high");
    EXPECT_EQ(name_of(Severity::kCritical), "critical");
    EXPECT_EQ(Score::of_tenths(100).to_string(), "10.0");
    EXPECT_EQ(Score::of_tenths(7).to_string(), "0.7");
}

}  // namespace
}  // namespace phantom::assess
