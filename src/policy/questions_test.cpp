#include "policy/questions.h"

#include <gtest/gtest.h>

namespace phantom::policy {
namespace {

constexpr const char* kPolicy = R"({
    "groups": {"group:ops": ["ann", "carol"]},
    "hosts": {"printer": "192.168.7.4"},
    "grants": [
        {"src": ["group:ops"], "dst": ["tag:db"], "ip": ["tcp:5432", "icmp"]},
        {"src": ["birch"], "dst": ["printer"], "ip": ["tcp:631"]},
    ],
    "tests": [TESTS]
})";

std::vector<Member> members() {
    return {
        {"ann", {}, {wire::Address::parse("100.64.0.1").value()}},
        {"birch", {"db"}, {wire::Address::parse("100.64.0.2").value()}},
    };
}

Document document(const std::string& tests) {
    std::string text = kPolicy;
    text.replace(text.find("TESTS"), 5, tests);
    auto parsed = parse_document(text);
    EXPECT_TRUE(parsed.has_value()) << (parsed ? "" : parsed.error().text);
    return parsed.value_or(Document{});
}

std::string problem(const std::string& tests) {
    const auto found = run_tests(document(tests), members());
    return found ? std::to_string(found->at.line) + " " + found->text : "";
}

TEST(PolicyTests, hold_for_members_groups_and_hosts) {
    EXPECT_EQ(
        problem(R"({"src": "ann", "accept": ["tag:db:5432", "birch:icmp"], "deny": ["birch:22"]},
        {"src": "birch", "accept": ["printer:631"], "deny": ["ann:icmp", "192.168.7.5:631"]},
        {"src": "group:ops", "accept": ["birch:5432"], "deny": ["printer:631"]})"),
        ""
    );
}

TEST(PolicyTests, are_asked_of_who_is_not_there_yet) {
    EXPECT_EQ(problem(R"({"src": "carol", "accept": ["birch:5432"], "deny": ["dora:5432"]})"), "");
    EXPECT_TRUE(problem(R"({"src": "dora", "accept": ["tag:db:5432"]})").contains("no grant"));
    EXPECT_EQ(problem(R"({"src": "ann", "deny": ["tag:hr:5432"]})"), "");
}

TEST(PolicyTests, name_the_test_and_the_grant_that_breaks_it) {
    EXPECT_EQ(
        problem(R"({"src": "ann", "deny": ["birch:5432"]})"),
        "8 test fails: ann should not reach birch:5432, and the grant of line 5 lets it"
    );
    EXPECT_EQ(
        problem(R"({"src": "birch", "accept": ["ann:22"]})"),
        "8 test fails: birch should reach ann:22, and no grant says so"
    );
}

TEST(PolicyExplain, names_the_grant_or_says_that_there_is_none) {
    const CompiledPolicy policy(document(""), members());
    const auto allowed = explain(policy, "ann", "birch", "5432").value();
    EXPECT_TRUE(allowed.allowed);
    EXPECT_EQ(allowed.at->line, 5U);
    EXPECT_TRUE(allowed.text.contains("grant of line 5"));
    const auto denied = explain(policy, "ann", "birch", "udp:53").value();
    EXPECT_FALSE(denied.allowed);
    EXPECT_FALSE(denied.at.has_value());
    EXPECT_TRUE(denied.text.contains("no grant covers it"));
    EXPECT_TRUE(denied.text.contains("line 5 covers the two for tcp:5432, icmp only"));
    EXPECT_TRUE(explain(policy, "100.64.0.2", "printer", "631")->allowed);
    EXPECT_TRUE(explain(policy, "zoe", "birch", "22").error().contains("'zoe' is no member"));
    EXPECT_TRUE(explain(policy, "ann", "birch", "*").error().contains("not one port"));
}

}  // namespace
}  // namespace phantom::policy
