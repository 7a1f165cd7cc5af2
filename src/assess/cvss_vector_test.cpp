#include "assess/cvss_vector.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace phantom::assess {
namespace {

constexpr const char* kBase31 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
constexpr const char* kBase40 = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N";

Problem problem_of(std::string_view text) {
    const auto vector = parse_cvss(text);
    EXPECT_FALSE(vector.has_value()) << text;
    return vector ? Problem{0, "none"} : vector.error();
}

void expect_problem(const std::string& text, std::size_t column, std::string_view sentence) {
    const Problem problem = problem_of(text);
    EXPECT_EQ(problem.column, column) << text;
    EXPECT_EQ(problem.text, sentence) << text;
}

TEST(CvssVector, metrics_of_3_stand_in_any_order) {
    const auto vector =
        parse_cvss("CVSS:3.0/A:H/I:L/C:N/S:C/UI:R/PR:H/AC:H/AV:P/MAV:A/E:X").value();
    EXPECT_EQ(vector.version(), CvssVersion::k30);
    EXPECT_EQ(vector.at(Cvss3::kAttackVector), 'P');
    EXPECT_EQ(vector.at(Cvss3::kScope), 'C');
    EXPECT_EQ(vector.at(Cvss3::kModifiedAttackVector), 'A');
    EXPECT_EQ(vector.at(Cvss3::kExploitCodeMaturity), kNotDefined);
    EXPECT_EQ(vector.to_string(), "CVSS:3.0/AV:P/AC:H/PR:H/UI:R/S:C/C:N/I:L/A:H/MAV:A");
}

TEST(CvssVector, metrics_of_4_stand_in_one_order) {
    const std::string base = kBase40;
    const auto vector = parse_cvss(base + "/E:P/MSI:S/S:P/U:Amber").value();
    EXPECT_EQ(vector.at(Cvss4::kModifiedSubsequentIntegrity), 'S');
    EXPECT_EQ(vector.at(Cvss4::kProviderUrgency), 'A');
    EXPECT_EQ(vector.to_string(), base + "/E:P/MSI:S/S:P/U:Amber");
    expect_problem(base + "/S:P/MSI:S", 69, "MSI belongs before S");
    expect_problem(
        "CVSS:4.0/AC:L/AV:N/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 15,
        "AV belongs before AC"
    );
}

TEST(CvssVector, begins_with_a_version_there_is) {
    constexpr std::string_view kSentence = "a vector begins with CVSS:3.0/, CVSS:3.1/ or CVSS:4.0/";
    for (const char* text :
         {"", "CVSS:3.1", "cvss:3.1/AV:N", "CVSS:3.2/AV:N", "CVSS:2.0/AV:N",
          " CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
          "(CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H)"}) {
        expect_problem(text, 1, kSentence);
    }
}

TEST(CvssVector, names_the_place_of_a_fault) {
    const std::string base = kBase31;
    expect_problem(base + "/", base.size() + 2, "'' is no METRIC:VALUE");
    expect_problem(base + "//E:U", base.size() + 2, "'' is no METRIC:VALUE");
    expect_problem(base + "/E", base.size() + 2, "'E' is no METRIC:VALUE");
    expect_problem(base + "/AT:N", base.size() + 2, "'AT' is no metric of CVSS 3.1");
    expect_problem(base + "/e:U", base.size() + 2, "'e' is no metric of CVSS 3.1");
    expect_problem(base + "/AV:N", base.size() + 2, "AV stands here a second time");
    expect_problem(base + "/E:A", base.size() + 4, "'A' is no value of E; it has X H F P U");
    expect_problem(base + "/E:", base.size() + 4, "'' is no value of E; it has X H F P U");
    expect_problem(base + "/E:U:U", base.size() + 4, "'U:U' is no value of E; it has X H F P U");
    expect_problem(base + " ", 44, "'H ' is no value of A; it has H L N");
    expect_problem(
        "CVSS:3.1/AV:X/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 13, "'X' is no value of AV; it has N A L P"
    );
    expect_problem("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H", 41, "A is missing");
    expect_problem(
        std::string(kBase40) + "/U:C", 67, "'C' is no value of U; it has X Clear Green Amber Red"
    );
}

TEST(CvssVector, what_is_quoted_of_a_fault_is_short_and_printable) {
    const Problem problem =
        problem_of(fmt::format("{}/\x1b[31m{}:N", kBase31, std::string(100, 'x')));
    EXPECT_EQ(problem.text, "'?[31mxxxxxxxxxxxxxxxxxxx...' is no metric of CVSS 3.1");
    expect_problem(std::string(257, 'x'), 257, "longer than 256 characters");
}

TEST(CvssVector, the_longest_that_is_correct_is_read) {
    std::string text = "CVSS:4.0";
    for (const CvssMetric& metric : metrics_of(CvssVersion::k40)) {
        const auto last = metric.values.substr(metric.values.size() - 1);
        text += fmt::format("/{}:{}", metric.name, metric.name == "U" ? "Green" : last);
    }
    EXPECT_EQ(text.size(), 178U);
    EXPECT_TRUE(parse_cvss(text).has_value());
}

TEST(CvssVector, each_value_of_each_metric_is_read_and_written) {
    for (const auto& [version, base] :
         {std::pair{CvssVersion::k31, kBase31}, std::pair{CvssVersion::k40, kBase40}}) {
        for (const CvssMetric& metric : metrics_of(version)) {
            if (metric.mandatory) {
                continue;
            }
            std::string_view left = metric.values;
            while (!left.empty()) {
                const std::string value(left.substr(0, left.find(' ')));
                left.remove_prefix(std::min(left.size(), value.size() + 1));
                const std::string text = fmt::format("{}/{}:{}", base, metric.name, value);
                const auto vector = parse_cvss(text);
                ASSERT_TRUE(vector.has_value()) << text;
                EXPECT_EQ(vector->to_string(), value == "X" ? base : text);
            }
        }
    }
}

}  // namespace
}  // namespace phantom::assess
