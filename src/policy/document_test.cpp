#include "policy/document.h"

#include <fstream>

#include <gtest/gtest.h>

namespace phantom::policy {
namespace {

TEST(PolicyDocument, reads_every_section_with_comments_and_trailing_commas) {
    const auto document = parse_document(R"(// comment
{
    "tests": [{"src": "ann", "accept": ["tag:db:5432", "[fd00::1]:udp:53"], "deny": ["hr:icmp"]}],
    "groups": {"group:ops": ["ann", "tag:laptop",],},
    "tags": ["tag:laptop", "tag:db"], /* known */
    "hosts": {"printer": "192.168.7.4", "office": "192.168.7.0/24"},
    "routes": {"office": ["gw"], "0.0.0.0/0": ["exit1"]},
    "grants": [{"src": ["group:ops", "*"], "dst": ["office", "fd00::/8"],
                "ip": ["tcp:22", "udp:53-60", "tcp:*", "icmp", "*"]}],
})");
    ASSERT_TRUE(document.has_value()) << document.error().text;
    EXPECT_EQ(document->groups.at("ops").size(), 2U);
    const Grant& grant = document->grants.at(0);
    EXPECT_EQ(grant.at, (Position{8, 16}));
    EXPECT_EQ(grant.sources[0].kind, Selector::Kind::kGroup);
    EXPECT_EQ(grant.destinations[0].prefix.to_string(), "192.168.7.0/24");
    std::string services;
    for (const Service& service : grant.services) {
        services += service.to_string() + " ";
    }
    EXPECT_EQ(services, "tcp:22 udp:53-60 tcp:* icmp * ");
    EXPECT_EQ(document->routes.size(), 2U);
    ASSERT_EQ(document->tests.at(0).targets.size(), 3U);
    EXPECT_EQ(document->tests[0].targets[1].destination.prefix.to_string(), "fd00::1/128");
    EXPECT_EQ(document->tests[0].targets[1].service.to_string(), "udp:53");
    EXPECT_FALSE(document->tests[0].targets[2].accept);
}

// A comment that ended there would put into force what its writer took out.
TEST(PolicyDocument, a_comment_does_not_end_with_the_star_that_begins_it) {
    EXPECT_TRUE(parse_document("{/**/}"));
    EXPECT_TRUE(parse_document(R"({/*/ "no section": [] /*/})"));
    EXPECT_FALSE(parse_document("{/*/}"));
}

struct Wrong {
    const char* text;
    Position at;
    const char* says;
};

class PolicyProblem : public testing::TestWithParam<Wrong> {};

TEST_P(PolicyProblem, names_its_place_and_what_would_be_right) {
    const auto document = parse_document(GetParam().text);
    ASSERT_FALSE(document.has_value());
    EXPECT_TRUE(document.error().text.contains(GetParam().says)) << document.error().text;
    EXPECT_EQ(document.error().at.line, GetParam().at.line) << document.error().text;
    EXPECT_EQ(document.error().at.column, GetParam().at.column) << document.error().text;
}

INSTANTIATE_TEST_SUITE_P(
    Text, PolicyProblem,
    testing::Values(
        Wrong{"", {1, 1}, "a value is missing"}, Wrong{"[]", {1, 1}, "one {...}"},
        Wrong{"{} {}", {1, 4}, "ends before this"}, Wrong{"{\n  grants: []}", {2, 3}, "a key"},
        Wrong{"{\"grants\" []}", {1, 11}, "a colon"},
        Wrong{"{\"tags\": [\"tag:a\" \"tag:b\"]}", {1, 19}, "a comma"},
        Wrong{"{\"tags\": [\"tag:a\"", {1, 10}, "no end"},
        Wrong{"{\"tags\": [\"tag:a]}", {1, 11}, "no end"},
        Wrong{"/* \xc3\xa9 */ {\"tags\": [\"tag\\u003aa\"]}", {1, 23}, "backslash"},
        Wrong{"/* a", {1, 1}, "no end"}, Wrong{"{\"grants\": {}}", {1, 12}, "a list"},
        Wrong{"{\"grants\": [[[[[[[[]]]]]]]]}", {1, 18}, "nested"},
        Wrong{"{\"hosts\": {\"a\": 5}}", {1, 17}, "an address"},
        Wrong{"{\"hosts\": {},\n \"hosts\": {}}", {2, 2}, "a second time"}
    )
);

INSTANTIATE_TEST_SUITE_P(
    Words, PolicyProblem,
    testing::Values(
        Wrong{"{\"grant\": []}", {1, 2}, "there are groups, tags, hosts, grants, routes, tests"},
        Wrong{"{\"grants\": [{\"src\": [\"*\"], \"dst\": [\"*\"]}]}", {1, 13}, "\"ip\" is missing"},
        Wrong{"{\"grants\": [{\"from\": [\"*\"]}]}", {1, 14}, "there are src, dst, ip"},
        Wrong{"{\"grants\": [{\"src\": [], \"dst\": [\"*\"], \"ip\": [\"*\"]}]}", {1, 21}, "empty"},
        Wrong{
            "{\"grants\": [{\"src\": [\"*\"], \"dst\": [\"*\"], \"ip\": [\"tcp:0\"]}]}",
            {1, 49},
            "1 to 65535"
        },
        Wrong{
            "{\"grants\": [{\"src\": [\"*\"], \"dst\": [\"*\"], \"ip\": [\"udp:9-8\"]}]}",
            {1, 49},
            "FIRST-LAST"
        },
        Wrong{
            "{\"grants\": [{\"src\": [\"group:x\"], \"dst\": [\"*\"], \"ip\": [\"*\"]}]}",
            {1, 22},
            "not among \"groups\""
        },
        Wrong{
            "{\"tags\": [\"tag:a\"], \"groups\": {\"group:g\": [\"tag:b\"]}}",
            {1, 44},
            "not among \"tags\""
        },
        Wrong{"{\"groups\": {\"ops\": [\"a\"]}}", {1, 13}, "write group:NAME"},
        Wrong{"{\"groups\": {\"group:g\": [\"group:g\"]}}", {1, 25}, "names of nodes"},
        Wrong{"{\"hosts\": {\"p\": \"192.168.7.300\"}}", {1, 17}, "like 192.168.7.4"},
        Wrong{"{\"routes\": {\"10.0.0.0/8\": [\"tag:x\"]}}", {1, 28}, "goes by nodes"},
        Wrong{"{\"tests\": [{\"src\": \"a\"}]}", {1, 12}, "\"accept\" or \"deny\""},
        Wrong{"{\"tests\": [{\"src\": \"a\", \"deny\": [\"b:tcp:*\"]}]}", {1, 34}, "no target"},
        Wrong{"{\"tests\": [{\"src\": \"a\", \"deny\": [\"b\"]}]}", {1, 34}, "no target"}
    )
);

TEST(PolicyDocument, has_bounds) {
    EXPECT_FALSE(parse_document(std::string(kTextSizeMax + 1, ' ')).has_value());
    std::string grants = "{\"grants\": [";
    for (std::size_t count = 0; count <= kGrantsMax; ++count) {
        grants += R"({"src":["*"],"dst":["*"],"ip":["*"]},)";
    }
    EXPECT_TRUE(parse_document(grants + "]}").error().text.contains("257 of at most 256"));
}

TEST(PolicyDocument, a_question_is_one_port) {
    EXPECT_EQ(parse_question("22")->to_string(), "tcp:22");
    EXPECT_EQ(parse_question("udp:53")->to_string(), "udp:53");
    EXPECT_EQ(parse_question("icmp")->to_string(), "icmp");
    for (const char* text : {"", "*", "tcp:*", "tcp:1-2", "0", "022", "65536", "sctp:1"}) {
        EXPECT_FALSE(parse_question(text).has_value()) << text;
    }
}

}  // namespace
}  // namespace phantom::policy
