#include "assess/cvss4.h"

#include <algorithm>
#include <string>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "assess/cvss4_tables.h"
#include "assess/threat_data_fixture.h"

namespace phantom::assess {
namespace {

namespace json = boost::json;

constexpr const char* kTables = "cvss/cvss40_tables.json";

CvssVector vector_of(const std::string& metrics) {
    return parse_cvss("CVSS:4.0/" + metrics).value();
}

std::string score_text(const std::string& metrics) {
    return score_cvss4(vector_of(metrics)).to_string();
}

// FIRST, "Common Vulnerability Scoring System version 4.0: Examples".
TEST(Cvss4, scores_the_examples_of_first) {
    const std::pair<const char*, const char*> examples[] = {
        {"AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", "7.3"},       // CVE-2022-41741
        {"AV:N/AC:L/AT:P/PR:N/UI:P/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", "7.7"},       // CVE-2020-3549
        {"AV:N/AC:L/AT:P/PR:N/UI:N/VC:H/VI:L/VA:L/SC:N/SI:N/SA:N", "8.3"},       // CVE-2023-3089
        {"AV:L/AC:L/AT:N/PR:N/UI:A/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N", "4.6"},       // CVE-2021-44714
        {"AV:N/AC:L/AT:N/PR:N/UI:A/VC:N/VI:N/VA:N/SC:L/SI:L/SA:N", "5.1"},       // CVE-2022-21830
        {"AV:N/AC:L/AT:N/PR:N/UI:N/VC:L/VI:L/VA:N/SC:N/SI:N/SA:N", "6.9"},       // CVE-2022-22186
        {"AV:L/AC:L/AT:N/PR:H/UI:N/VC:N/VI:N/VA:N/SC:H/SI:N/SA:N", "5.9"},       // CVE-2023-21989
        {"AV:L/AC:L/AT:N/PR:L/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H", "9.3"},       // CVE-2020-3947
        {"AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H/E:A", "10.0"},  // CVE-2021-44228
        {"AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N/E:A", "8.7"},   // CVE-2014-0160
        {"AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:A", "9.3"},   // CVE-2014-6271
        {"AV:A/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:H/SI:N/SA:H", "6.4"},       // CVE-2013-6014
    };
    for (const auto& [metrics, expected] : examples) {
        EXPECT_EQ(score_text(metrics), expected) << metrics;
    }
}

TEST(Cvss4, is_named_by_the_groups_of_metrics_it_has) {
    const std::string base = "AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N";
    EXPECT_EQ(nomenclature_of(vector_of(base)), "CVSS-B");
    EXPECT_EQ(nomenclature_of(vector_of(base + "/E:X/CR:X/S:P")), "CVSS-B");
    EXPECT_EQ(nomenclature_of(vector_of(base + "/E:A")), "CVSS-BT");
    EXPECT_EQ(nomenclature_of(vector_of(base + "/MSA:S")), "CVSS-BE");
    EXPECT_EQ(nomenclature_of(vector_of(base + "/E:P/CR:L")), "CVSS-BTE");
}

TEST(Cvss4, falls_into_macro_vectors) {
    const std::string impacts = "/VC:H/VI:L/VA:L/SC:N/SI:H/SA:N";
    EXPECT_EQ(
        macro_vector_of(vector_of("AV:N/AC:L/AT:N/PR:N/UI:N" + impacts)).to_string(), "001100"
    );
    EXPECT_EQ(
        macro_vector_of(vector_of("AV:A/AC:L/AT:P/PR:N/UI:N" + impacts + "/E:U/CR:M")).to_string(),
        "111121"
    );
    EXPECT_EQ(
        macro_vector_of(vector_of("AV:P/AC:H/AT:N/PR:N/UI:N" + impacts + "/E:P/MVC:L/MSA:S"))
            .to_string(),
        "212011"
    );
}

TEST(Cvss4, no_impact_is_no_score_whatever_else_it_says) {
    EXPECT_EQ(score_text("AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N/E:A"), "0.0");
    EXPECT_EQ(score_text("AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N/MVC:N"), "0.0");
    EXPECT_NE(score_text("AV:P/AC:H/AT:P/PR:H/UI:A/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N/MSI:S"), "0.0");
}

constexpr const char* kWorstFirst[] = {"NALP", "LH",  "NP",  "NLH", "NPA", "HLN",
                                       "HLN",  "HLN", "HLN", "HLN", "HLN"};
constexpr std::size_t kBaseMetrics = std::size(kWorstFirst);

// Every vector of base metrics with the rest as it is in `vector`.
template <class See>
void each_base(CvssVector vector, See see) {
    std::array<std::size_t, kBaseMetrics> at{};
    while (true) {
        for (std::size_t index = 0; index < kBaseMetrics; ++index) {
            vector.set(static_cast<Cvss4>(index), kWorstFirst[index][at[index]]);
        }
        see(vector);
        std::size_t index = 0;
        while (index < kBaseMetrics && kWorstFirst[index][++at[index]] == '\0') {
            at[index++] = 0;
        }
        if (index == kBaseMetrics) {
            return;
        }
    }
}

TEST(Cvss4, no_score_exceeds_that_of_its_macro_vector_or_falls_below_its_lower_neighbours) {
    const CvssVector any = vector_of("AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N");
    unsigned count = 0;
    unsigned above = 0;
    each_base(any, [&](const CvssVector& vector) {
        ++count;
        above += score_cvss4(vector) > score_of(macro_vector_of(vector)) ? 1 : 0;
    });
    EXPECT_EQ(count, 4U * 2 * 2 * 3 * 3 * 729);
    EXPECT_EQ(above, 0U);
}

TEST(Cvss4, an_exploit_that_is_less_mature_never_scores_higher) {
    const CvssVector any = vector_of("AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N");
    unsigned rises = 0;
    each_base(any, [&](CvssVector vector) {
        const auto with = [&](char maturity) {
            vector.set(Cvss4::kExploitMaturity, maturity);
            return score_cvss4(vector);
        };
        const Score attacked = with('A');
        const Score proven = with('P');
        rises += proven > attacked || with('U') > proven || with('X') != attacked ? 1 : 0;
    });
    EXPECT_EQ(rises, 0U);
}

// What FIRST publishes, read from its own file.
class Cvss4Tables : public testing::Test {
  protected:
    void SetUp() override {
        const auto text = test::read_threat_data(kTables);
        if (!text) {
            GTEST_SKIP() << test::threat_data(kTables) << " is not there";
        }
        tables_ = json::parse(*text).as_object();
    }

    // The highest-severity vectors of a class.
    [[nodiscard]] std::vector<std::string> tops(const char* eq, int level, int joint = -1) const {
        const auto key = [](int number) { return std::to_string(number); };
        json::value value = tables_.at("maxComposed").at(eq).at(key(level));
        if (joint >= 0) {
            value = value.at(key(joint));
        }
        std::vector<std::string> texts;
        for (const auto& each : value.as_array()) {
            texts.emplace_back(each.as_string().c_str());
        }
        return texts;
    }

    [[nodiscard]] double steps(const char* eq, int level) const {
        return tables_.at("maxSeverity").at(eq).at(std::to_string(level)).to_number<double>();
    }

    json::object tables_;
};

MacroVector macro_of(std::string_view digits) {
    MacroVector macro;
    for (std::size_t index = 0; index < macro.eq.size(); ++index) {
        macro.eq[index] = digits[index] - '0';
    }
    return macro;
}

TEST_F(Cvss4Tables, are_those_that_are_compiled_in) {
    const auto& scores = tables_.at("cvssLookup_global").as_object();
    EXPECT_EQ(scores.size(), 270U);
    for (const auto& [digits, score] : scores) {
        EXPECT_EQ(score_of(macro_of(digits)).value(), score.to_number<double>()) << digits;
    }
    for (int level = 0; level < 3; ++level) {
        const auto index = static_cast<std::size_t>(level);
        EXPECT_EQ(cvss4::kEq1[index].steps, steps("eq1", level));
        EXPECT_EQ(cvss4::kEq4[index].steps, steps("eq4", level));
    }
    EXPECT_EQ(cvss4::kEq2[0].steps, steps("eq2", 0));
    EXPECT_EQ(cvss4::kEq2[1].steps, steps("eq2", 1));
    std::size_t pair = 0;
    for (const auto& [eq3, eq6] :
         {std::pair{"0", "0"}, {"0", "1"}, {"1", "0"}, {"1", "1"}, {"2", "1"}}) {
        const auto& value = tables_.at("maxSeverity").at("eq3eq6").at(eq3).at(eq6);
        EXPECT_EQ(cvss4::kEq3Eq6[pair++].steps, value.to_number<double>());
    }
}

// "SC:H/SI:S/" -> "MSC:H/MSI:S/": only a modified metric can be S.
std::string modified(std::string text) {
    for (const char* metric : {"SC:", "SI:", "SA:"}) {
        text.insert(text.find(metric), 1, 'M');
    }
    return text;
}

// The metrics of the parts in the specification's order.
CvssVector composed(const std::string& parts) {
    CvssVector vector = vector_of("AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N");
    const auto metrics = metrics_of(CvssVersion::k40);
    std::size_t begin = 0;
    while (begin < parts.size()) {
        const std::size_t end = parts.find('/', begin);
        const std::size_t colon = parts.find(':', begin);
        const std::string name = parts.substr(begin, colon - begin);
        const auto metric = std::ranges::find(metrics, name, &CvssMetric::name);
        vector.set(static_cast<Cvss4>(metric - metrics.begin()), parts[colon + 1]);
        begin = end + 1;
    }
    return vector;
}

TEST_F(Cvss4Tables, give_their_score_to_every_highest_severity_vector) {
    std::size_t count = 0;
    for (const auto& each : tables_.at("cvssLookup_global").as_object()) {
        const MacroVector macro = macro_of(each.key());
        for (const auto& eq1 : tops("eq1", macro.eq[0])) {
            for (const auto& eq2 : tops("eq2", macro.eq[1])) {
                for (const auto& eq3 : tops("eq3", macro.eq[2], macro.eq[5])) {
                    const auto vector = composed(fmt::format(
                        "{}{}{}{}{}", eq1, eq2, eq3, modified(tops("eq4", macro.eq[3])[0]),
                        tops("eq5", macro.eq[4])[0]
                    ));
                    EXPECT_EQ(macro_vector_of(vector), macro) << vector.to_string();
                    EXPECT_EQ(score_cvss4(vector), score_of(macro)) << vector.to_string();
                    ++count;
                }
            }
        }
    }
    EXPECT_GT(count, 270U);
}

}  // namespace
}  // namespace phantom::assess
