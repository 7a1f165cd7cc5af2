#include "detect/rule_parser.h"

#include <gtest/gtest.h>

#include "detect/rule_set.h"

namespace phantom::detect {
namespace {

struct Wrong {
    const char* rule;
    const char* keyword;
    const char* says;
};

class RuleProblems : public testing::TestWithParam<Wrong> {};

TEST_P(RuleProblems, name_the_keyword_and_the_reason) {
    const auto rule = parse_rule(GetParam().rule, Variables::defaults());
    ASSERT_FALSE(rule);
    EXPECT_EQ(rule.error().keyword, GetParam().keyword) << rule.error().reason;
    EXPECT_NE(rule.error().reason.find(GetParam().says), std::string::npos) << rule.error().reason;
}

INSTANTIATE_TEST_SUITE_P(
    Header, RuleProblems,
    testing::Values(
        Wrong{"alert tcp any any", "rule", "ACTION PROTOCOL"},
        Wrong{"alert tcp any any -> any any", "rule", "parentheses"},
        Wrong{"alert tcp any any -> any any (sid:1)", "rule", "\";\""},
        Wrong{"alert tcp any any -> any any (:x; sid:1;)", "rule", "no name"},
        Wrong{"log tcp any any -> any any (sid:1;)", "action", "log"},
        Wrong{"alert rtp any any -> any any (sid:1;)", "protocol", "rtp"},
        Wrong{"alert tcp any any => any any (sid:1;)", "direction", "transaction"},
        Wrong{"alert tcp 10.0.0.256 any -> any any (sid:1;)", "addresses", "10.0.0.256"},
        Wrong{"alert tcp $NET any -> any any (sid:1;)", "addresses", "$NET"},
        Wrong{"alert tcp !any any -> any any (sid:1;)", "addresses", "nothing"},
        Wrong{"alert tcp any 70000 -> any any (sid:1;)", "addresses", "70000"},
        Wrong{"alert tcp any any -> any any (msg:\"x\";)", "sid", "number"}
    )
);

INSTANTIATE_TEST_SUITE_P(
    Options, RuleProblems,
    testing::Values(
        Wrong{"alert tcp any any -> any any (lua:x; sid:1;)", "lua", "not supported"},
        Wrong{"alert tcp any any -> any any (nocase; sid:1;)", "nocase", "no content"},
        Wrong{"alert tcp any any -> any any (content:\"\"; sid:1;)", "content", "1 to"},
        Wrong{"alert tcp any any -> any any (content:\"|6|\"; sid:1;)", "content", "half"},
        Wrong{"alert tcp any any -> any any (content:\"|61\"; sid:1;)", "content", "bar"},
        Wrong{"alert tcp any any -> any any (content:\"ab\"; depth:1; sid:1;)", "depth", "2 bytes"},
        Wrong{"alert tcp any any -> any any (content:\"a\"; offset:x; sid:1;)", "offset", "\"x\""},
        Wrong{"alert tcp any any -> any any (pcre:\"/(/\"; sid:1;)", "pcre", "byte 1"},
        Wrong{"alert tcp any any -> any any (pcre:\"/a/q\"; sid:1;)", "pcre", "\"q\""},
        Wrong{"alert tcp any any -> any any (flow:sideways; sid:1;)", "flow", "sideways"},
        Wrong{"alert tcp any any -> any any (ttl:x; sid:1;)", "ttl", "number"},
        Wrong{"alert tcp any any -> any any (byte_test:1,?,1,0; sid:1;)", "byte_test", "\"?\""},
        Wrong{"alert tcp any any -> any any (decode-event:x.y; sid:1;)", "decode-event", "x.y"},
        Wrong{
            "alert tcp any any -> any any (threshold:type often,track by_src; sid:1;)", "threshold",
            "often"
        },
        Wrong{"alert dns any any -> any any (http.uri; content:\"a\"; sid:1;)", "buffers", "dns"},
        Wrong{
            "alert http any any -> any any (http.uri; content:\"a\"; http.stat_code; "
            "content:\"2\"; sid:1;)",
            "buffers", "direction"
        }
    )
);

TEST(RuleSets, report_file_line_and_sid_of_what_is_not_in_force) {
    RuleSet rules;
    rules.add(
        "a.rules",
        "# comment\n\nalert tcp any any -> any any (sid:5;)\nalert tcp any any -> any any \\\n"
        "  (lua:x; sid:6;)\nalert tcp any any -> any any (sid:5;)\n",
        Variables::defaults()
    );
    ASSERT_EQ(rules.entries().size(), 1U);
    ASSERT_EQ(rules.unusable().size(), 2U);
    EXPECT_EQ(rules.unusable()[0].file, "a.rules");
    EXPECT_EQ(rules.unusable()[0].line, 4U);
    EXPECT_EQ(rules.unusable()[0].problem.sid, 6U);
    EXPECT_EQ(rules.unusable()[1].problem.keyword, "sid");
}

TEST(RuleSets, take_the_later_revision) {
    RuleSet rules;
    rules.add(
        "a",
        "alert tcp any any -> any any (sid:5; rev:1;)\nalert tcp any any -> any any (sid:5; "
        "rev:2;)",
        Variables::defaults()
    );
    ASSERT_EQ(rules.entries().size(), 1U);
    EXPECT_EQ(rules.entries()[0].rule.revision, 2U);
}

AddressKey address(const char* text) {
    return AddressKey::of(wire::Address::parse(text).value());
}

TEST(Networks, hold_what_is_in_them_and_not_negated) {
    Variables variables = Variables::defaults();
    variables.set("HOME_NET", "[10.0.0.0/8,!10.1.0.0/16,fd00::/8]");
    const auto home = parse_addresses("$HOME_NET", variables);
    ASSERT_TRUE(home);
    EXPECT_TRUE(home->holds(address("10.2.3.4")));
    EXPECT_FALSE(home->holds(address("10.1.3.4")));
    EXPECT_TRUE(home->holds(address("fd00::1")));
    EXPECT_FALSE(home->holds(address("192.0.2.1")));
    const auto outside = parse_addresses("$EXTERNAL_NET", variables);
    ASSERT_TRUE(outside);
    EXPECT_TRUE(outside->holds(address("10.1.3.4")));
    EXPECT_FALSE(outside->holds(address("10.2.3.4")));
    EXPECT_TRUE(parse_addresses("any", variables)->holds(address("::1")));
    EXPECT_TRUE(parse_addresses("10.0.0.5-10.0.0.9", variables)->holds(address("10.0.0.9")));
}

TEST(Networks, ports_have_ranges_open_ends_and_negation) {
    const auto ports = parse_ports("[80,8000:8100,!8080,60000:]", Variables::defaults());
    ASSERT_TRUE(ports);
    for (const unsigned port : {80U, 8000U, 8100U, 65'535U}) {
        EXPECT_TRUE(ports->holds(static_cast<std::uint16_t>(port))) << port;
    }
    for (const unsigned port : {81U, 8080U, 59'999U}) {
        EXPECT_FALSE(ports->holds(static_cast<std::uint16_t>(port))) << port;
    }
    EXPECT_TRUE(parse_ports("!$HTTP_PORTS", Variables::defaults())->holds(81));
    EXPECT_FALSE(parse_ports("9:8", Variables::defaults()));
}

TEST(Networks, a_variable_that_names_itself_ends) {
    Variables variables;
    variables.set("A", "[$A,$A]");
    EXPECT_FALSE(parse_addresses("$A", variables));
}

}  // namespace
}  // namespace phantom::detect
