#include "cli/cvss.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace phantom::cli {
namespace {

constexpr const char* kWorst31 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";

TEST(Cvss, of_3_has_three_scores) {
    EXPECT_EQ(
        cvss_as_json(std::string(kWorst31) + "/E:U"),
        R"({"schema":"phantom.cvss/1","vector":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:U",)"
        R"("version":"3.1","base":9.8,"severity":"critical","temporal":9.0,)"
        R"("temporal_severity":"critical","environmental":9.0,"environmental_severity":"critical"})"
    );
}

TEST(Cvss, of_4_has_one_score) {
    EXPECT_EQ(
        cvss_as_json("CVSS:4.0/AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"),
        R"({"schema":"phantom.cvss/1",)"
        R"("vector":"CVSS:4.0/AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",)"
        R"("version":"4.0","score":7.3,"severity":"high","nomenclature":"CVSS-B",)"
        R"("macro_vector":"110200"})"
    );
}

TEST(Cvss, whatever_a_line_holds_the_answer_is_json) {
    for (const std::string line : {"", "\"", "\\", "\xff\xfe", "\x1b[2J", "CVSS:3.1/\"AV:N"}) {
        const auto answer = boost::json::parse(cvss_as_json(line)).as_object();
        EXPECT_TRUE(answer.at("error").is_string()) << line;
        EXPECT_TRUE(answer.at("severity").is_null()) << line;
        EXPECT_EQ(answer.at("vector").as_string().size(), line.size()) << line;
    }
}

TEST(Cvss, for_people_has_a_line_for_each_score) {
    EXPECT_EQ(
        cvss_as_text(kWorst31), std::string(kWorst31) +
                                    "\n  base            9.8  critical"
                                    "\n  temporal        9.8  critical"
                                    "\n  environmental   9.8  critical"
    );
    EXPECT_EQ(
        cvss_as_text("\x1b[2J"),
        "?[2J\n  column 1: a vector begins with CVSS:3.0/, CVSS:3.1/ or CVSS:4.0/"
    );
}

}  // namespace
}  // namespace phantom::cli
