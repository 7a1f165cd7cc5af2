#include "scenario/sigma.h"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "scenario/sigma_encoding.h"
#include "scenario/sigma_log.h"

namespace phantom::scenario {
namespace {

namespace fs = std::filesystem;

std::string rule_with(const std::string& detection) {
    return "title: t\nid: i\nlevel: high\ntags: [attack.execution, attack.t1110.003]\n"
           "logsource: {product: linux}\ndetection:\n" +
           detection;
}

// Why it is not in force; "" where it is.
std::string refusal_of(const std::string& rule) {
    SigmaRules rules;
    rules.add("f.yml", rule);
    return rules.unusable().empty() ? "" : rules.unusable()[0].reason;
}

bool holds(
    const std::string& detection, const std::vector<std::pair<std::string, std::string>>& of
) {
    SigmaRules rules;
    rules.add("f.yml", rule_with(detection));
    EXPECT_TRUE(rules.unusable().empty())
        << (rules.unusable().empty() ? "" : rules.unusable()[0].reason);
    SigmaRecord record;
    record.sources = {{}};
    for (const auto& [name, value] : of) {
        record.add(name, value);
        record.line.value += value + " ";
    }
    record.line.folded = folded(record.line.value);
    return !rules.held_against(record).empty();
}

bool holds_one(const std::string& item, const std::string& value) {
    return holds("  s:\n    " + item + "\n  condition: s\n", {{"f", value}});
}

TEST(SigmaTest, values_are_compared_without_case_and_with_wildcards) {
    EXPECT_TRUE(holds_one("f: Root", "rOOT"));
    EXPECT_FALSE(holds_one("f: root", "roots"));
    EXPECT_TRUE(holds_one("f: 'r*t'", "reboot"));
    EXPECT_FALSE(holds_one("f: 'r*t'", "reboots"));
    EXPECT_TRUE(holds_one("f: 'r??t'", "root"));
    EXPECT_TRUE(holds_one("f: 'a\\*b'", "a*b"));
    EXPECT_FALSE(holds_one("f: 'a\\*b'", "axb"));
    EXPECT_TRUE(holds_one("f: 'C:\\Windows\\*'", "c:\\windows*")) << "a backslash hides a star";
    EXPECT_TRUE(holds_one("f: 'C:\\Windows\\\\*'", "c:\\windows\\x")) << "and not behind another";
    EXPECT_TRUE(holds_one("f: 404", "404"));
    EXPECT_TRUE(holds_one("f: null", ""));
    EXPECT_TRUE(holds("  s: {g: null}\n  condition: s\n", {{"f", "x"}})) << "not there at all";
    EXPECT_TRUE(holds_one("f: [a, b]", "b"));
}

TEST(SigmaTest, modifiers_say_how) {
    EXPECT_TRUE(holds_one("f|contains: OO", "root"));
    EXPECT_TRUE(holds_one("f|startswith: ro", "root"));
    EXPECT_FALSE(holds_one("f|startswith: ot", "root"));
    EXPECT_TRUE(holds_one("f|endswith: ot", "root"));
    EXPECT_TRUE(holds_one("f|contains|all: [r, t]", "root"));
    EXPECT_FALSE(holds_one("f|contains|all: [r, x]", "root"));
    EXPECT_TRUE(holds_one("f|endswith: '/b?n'", "/usr/bin"));
    EXPECT_TRUE(holds_one("f|contains|cased: oO", "roOt"));
    EXPECT_FALSE(holds_one("f|contains|cased: oO", "root"));
    EXPECT_TRUE(holds_one("f|re: '^r.{2}t$'", "root"));
    EXPECT_FALSE(holds_one("f|re: 'ROOT'", "root"));
    EXPECT_TRUE(holds_one("f|re|i: 'ROOT'", "root"));
    EXPECT_TRUE(holds_one("f|cidr: 10.0.0.0/8", "10.255.0.1"));
    EXPECT_FALSE(holds_one("f|cidr: 10.0.0.0/8", "11.0.0.1"));
    EXPECT_TRUE(holds_one("f|cidr: 'fd00::/8'", "fd12::1"));
    EXPECT_TRUE(holds_one("f|gte: 10", "10"));
    EXPECT_FALSE(holds_one("f|gt: 10", "10"));
    EXPECT_TRUE(holds_one("f|lt: 10", "9.5"));
    EXPECT_FALSE(holds_one("f|lt: 10", "nine"));
    EXPECT_TRUE(holds_one("f|exists: true", "x"));
    EXPECT_FALSE(holds_one("f|exists: false", "x"));
    EXPECT_TRUE(holds_one("g|exists: false", "x"));
    EXPECT_TRUE(holds_one("f|neq: a", "b"));
    EXPECT_FALSE(holds_one("f|neq: a", "A"));
    EXPECT_TRUE(holds_one("f|windash|contains: ' -v '", "x /v y"));
    const std::string reference = "  s: {f|fieldref|endswith: g}\n  condition: s\n";
    EXPECT_TRUE(holds(reference, {{"f", "a@Host"}, {"g", "host"}}));
    EXPECT_FALSE(holds(reference, {{"f", "a@other"}, {"g", "host"}}));
}

// The values that Sigma's own documentation of the modifiers has: "/bin/bash" in base64.
TEST(SigmaTest, encoded_texts_are_found_where_they_begin_anywhere) {
    EXPECT_EQ(encoded_as("/bin/bash", {"base64"}), (std::vector<std::string>{"L2Jpbi9iYXNo"}));
    const auto anywhere = encoded_as("/bin/bash", {"base64offset"});
    EXPECT_EQ(anywhere, (std::vector<std::string>{"L2Jpbi9iYXNo", "9iaW4vYmFza", "vYmluL2Jhc2"}));
    EXPECT_EQ(encoded_as("ab", {"wide"}), (std::vector{std::string("a\0b\0", 4)}));
    // "x/bin/bash" and "xy/bin/bash -i" as base64(1) writes them.
    EXPECT_TRUE(holds_one("f|base64offset|contains: /bin/bash", "eC9iaW4vYmFzaA=="));
    EXPECT_TRUE(holds_one("f|base64offset|contains: /bin/bash", "eHkvYmluL2Jhc2ggLWk="));
    EXPECT_FALSE(holds_one("f|base64offset|contains: /bin/bash", "EHKVYMLUL2JHC2GGLWK="));
}

TEST(SigmaTest, keywords_are_looked_for_in_the_whole_line) {
    const std::string list = "  k: ['Evil*Thing', other]\n  condition: k\n";
    EXPECT_TRUE(holds(list, {{"x", "an evil little thing"}}));
    EXPECT_TRUE(holds(list, {{"x", "ANOTHER"}}));
    EXPECT_FALSE(holds(list, {{"x", "good"}}));
    const std::string all = "  k:\n    '|all': [one, two]\n  condition: k\n";
    EXPECT_TRUE(holds(all, {{"x", "two"}, {"y", "one"}}));
    EXPECT_FALSE(holds(all, {{"x", "two"}}));
}

TEST(SigmaTest, conditions_bind_as_they_should) {
    const std::vector<std::string> names{"a", "b", "sel_1", "sel_2", "_hidden"};
    const auto is = [&](std::string_view text, std::initializer_list<std::size_t> those) {
        const auto condition = SigmaCondition::parse(text, names);
        EXPECT_TRUE(condition.has_value()) << text;
        return condition && condition->holds([&](std::size_t number) {
            return std::ranges::find(those, number) != those.end();
        });
    };
    EXPECT_TRUE(is("a or b and not a", {0}));
    EXPECT_FALSE(is("(a or b) and not a", {0}));
    EXPECT_TRUE(is("not a and b", {1}));
    EXPECT_FALSE(is("not (a or b)", {1}));
    EXPECT_TRUE(is("1 of sel_*", {3}));
    EXPECT_FALSE(is("all of sel_*", {3}));
    EXPECT_TRUE(is("all of sel_* AND NOT a", {2, 3}));
    EXPECT_TRUE(is("any of them", {1}));
    EXPECT_TRUE(is("all of them", {0, 1, 2, 3})) << "what begins with '_' is not meant";
    EXPECT_TRUE(is("not not a", {0}));
}

TEST(SigmaTest, a_condition_that_says_nothing_is_refused_with_a_reason) {
    const std::vector<std::string> names{"a"};
    const auto why = [&](std::string_view text) {
        const auto condition = SigmaCondition::parse(text, names);
        return condition ? std::string() : condition.error().reason;
    };
    EXPECT_EQ(why("a and b"), "the condition names 'b', which there is not");
    EXPECT_EQ(why("a and"), "the condition ends too early");
    EXPECT_EQ(why("(a"), "a parenthesis is not closed in the condition");
    EXPECT_EQ(why("a a"), "'a' is not expected in the condition");
    EXPECT_EQ(why("1 a"), "'of' is expected behind '1' in the condition");
    EXPECT_EQ(why("1 of b*"), "the condition names 'b*', which there is not");
    EXPECT_NE(why("a | count() > 3").find('|'), std::string::npos);
    EXPECT_EQ(why(std::string(kConditionSizeMax + 1, '(')), "the condition is too long");
    EXPECT_EQ(why(std::string(1'000, '(')), "the condition is nested too deep");
}

TEST(SigmaTest, a_rule_that_is_not_understood_is_not_in_force) {
    const std::string good = "  s: {f: a}\n  condition: s\n";
    EXPECT_EQ(refusal_of(rule_with(good)), "");
    EXPECT_NE(
        refusal_of(rule_with("  s: {f|expand: a}\n  condition: s\n")).find("expand"),
        std::string::npos
    );
    EXPECT_NE(refusal_of(rule_with("  s: {f|re: '('}\n  condition: s\n")), "");
    EXPECT_NE(refusal_of(rule_with("  s: {f|cidr: 300.0.0.0/8}\n  condition: s\n")), "");
    EXPECT_NE(refusal_of(rule_with("  s: {f|gt: many}\n  condition: s\n")), "");
    EXPECT_NE(refusal_of(rule_with("  s: {f: a}\n")), "");
    EXPECT_NE(refusal_of(rule_with(good + "  timeframe: 5m\n")), "");
    EXPECT_NE(refusal_of("title: t\ncorrelation: {type: event_count}\n"), "");
    EXPECT_NE(refusal_of("just a text"), "");
    SigmaRules rules;
    rules.add("f.yml", rule_with("  s:\n    f|what: a\n  condition: s\n"));
    ASSERT_EQ(rules.unusable().size(), 1U);
    EXPECT_EQ(rules.unusable()[0].line, 8U) << "the line of the modifier";
    EXPECT_EQ(rules.unusable()[0].name, "t");
}

TEST(SigmaTest, a_rule_is_held_against_the_logs_it_speaks_of) {
    SigmaRules rules;
    const auto with = [](const char* source) {
        return std::string("title: t\nlogsource: ") + source +
               "\ndetection: {k: [x], condition: k}\n";
    };
    rules.add("a", with("{product: linux, service: sshd}"));
    rules.add("b", with("{product: linux}"));
    rules.add("c", with("{category: webserver}"));
    const auto count = [&](LogSource source) {
        SigmaRecord record;
        record.sources = {std::move(source)};
        record.line = {.name = "", .value = "x", .folded = "x"};
        return rules.held_against(record).size();
    };
    EXPECT_EQ(count({"", "linux", "sshd"}), 2U);
    EXPECT_EQ(count({"", "linux", "cron"}), 1U);
    EXPECT_EQ(count({"webserver", "apache", "apache"}), 1U);
    EXPECT_EQ(count({}), 3U) << "nothing is known of it";
}

std::vector<SigmaRecord> read_as(const char* type, std::string_view line) {
    SigmaLog log({.type = type, .source = {}});
    return log.read(line);
}
std::string field_of(const SigmaRecord& record, std::string_view name) {
    const SigmaField* found = record.find(name);
    return found == nullptr ? "(none)" : found->value;
}

TEST(SigmaLogTest, auditd_tells_of_a_process_in_two_lines) {
    SigmaLog log({.type = "auditd", .source = {}});
    (void)log.read(
        "type=SYSCALL msg=audit(1700000000.123:77): arch=c000003e syscall=59 success=yes "
        "a0=55 ppid=1 auid=1000 comm=\"sh\" exe=\"/usr/bin/dash\" key=(null)"
    );
    const auto records = log.read(
        "type=EXECVE msg=audit(1700000000.123:77): argc=3 a0=\"sh\" "
        "a1=\"-c\" a2=636174202F6574632F706173737764"
    );
    ASSERT_EQ(records.size(), 2U);
    EXPECT_EQ(field_of(records[0], "type"), "EXECVE");
    EXPECT_EQ(field_of(records[0], "a2"), "cat /etc/passwd");
    EXPECT_EQ(records[1].sources[0].category, "process_creation");
    EXPECT_EQ(field_of(records[1], "Image"), "/usr/bin/dash");
    EXPECT_EQ(field_of(records[1], "CommandLine"), "sh -c cat /etc/passwd");
    const auto other = log.read("type=EXECVE msg=audit(1700000000.123:78): argc=1 a0=\"ls\"");
    EXPECT_EQ(other.size(), 1U) << "of another event: what it was is not known";
    EXPECT_TRUE(log.read("no audit line").empty());
}

TEST(SigmaLogTest, a_web_server_says_who_asked_for_what) {
    const auto records = read_as(
        "nginx",
        R"(203.0.113.9 - ann [10/Oct/2025:13:55:36 +0000] "GET /a/b?q=%27 HTTP/1.1" 404 12 )"
        R"("https://x/" "sqlmap \"1\"")"
    );
    ASSERT_EQ(records.size(), 1U);
    EXPECT_EQ(field_of(records[0], "cs-method"), "GET");
    EXPECT_EQ(field_of(records[0], "cs-uri-query"), "/a/b?q=%27");
    EXPECT_EQ(field_of(records[0], "cs-uri-stem"), "/a/b");
    EXPECT_EQ(field_of(records[0], "sc-status"), "404");
    EXPECT_EQ(field_of(records[0], "cs-user-agent"), R"(sqlmap \"1\")");
    EXPECT_EQ(records[0].subject().to_string(), "203.0.113.9");
    EXPECT_EQ(records[0].sources.back().category, "webserver");
    const auto error = read_as("nginx", "2025/10/10 [crit] 7#7: *1 open() failed");
    ASSERT_EQ(error.size(), 1U);
    EXPECT_EQ(error[0].sources.size(), 1U) << "no access, so no rule of that category";
}

TEST(SigmaLogTest, who_is_named_in_a_name_is_not_who_asked) {
    const auto records = read_as(
        "syslog",
        "Nov  9 10:00:00 amber sshd[7]: Failed password for invalid user x from 8.8.8.8 "
        "from 203.0.113.7 port 22 ssh2"
    );
    ASSERT_EQ(records.size(), 1U);
    EXPECT_EQ(records[0].subject().to_string(), "203.0.113.7");
    EXPECT_EQ(records[0].sources.back().service, "sshd");
    EXPECT_EQ(field_of(records[0], "program"), "sshd");
    const auto journal = read_as(
        "journald",
        R"({"MESSAGE":"pam_unix(sshd:auth): failure; rhost=203.0.113.8","SYSLOG_IDENTIFIER":"sshd"})"
    );
    ASSERT_EQ(journal.size(), 1U);
    EXPECT_EQ(journal[0].subject().to_string(), "203.0.113.8");
}

TEST(SigmaLogTest, sensors_have_the_fields_that_rules_ask_for) {
    const auto zeek = read_as(
        "zeek",
        R"({"_path":"dns","id.orig_h":"10.0.0.1","query":"x.onion.to","answers":["1.1.1.1"]})"
    );
    ASSERT_EQ(zeek.size(), 1U);
    EXPECT_EQ(field_of(zeek[0], "answer"), "1.1.1.1");
    EXPECT_EQ(zeek[0].sources[1].category, "dns");
    const auto eve = read_as(
        "eve", R"({"event_type":"http","src_ip":"10.0.0.1","http":{"hostname":"h","url":"/u"}})"
    );
    ASSERT_EQ(eve.size(), 1U);
    EXPECT_EQ(field_of(eve[0], "c-uri"), "/u");
    EXPECT_EQ(field_of(eve[0], "cs-host"), "h");
    EXPECT_TRUE(read_as("zeek", "#fields\tts").empty());
    EXPECT_TRUE(read_as("json", "[1]").empty());
    EXPECT_TRUE(read_as("json", std::string(10'000, '[')).empty());
}

TEST(SigmaLogTest, what_a_line_says_does_not_reach_a_terminal) {
    SigmaRules rules;
    rules.add("f", rule_with("  k: [evil]\n  condition: k\n"));
    const auto records = read_as("syslog", "evil \x1b[2J\x1b]0;x\x07 \xff line");
    ASSERT_EQ(records.size(), 1U);
    const auto held = rules.held_against(records[0]);
    ASSERT_EQ(held.size(), 1U);
    const std::string json = sigma_json(*held[0], records[0]);
    EXPECT_EQ(json.find('\x1b'), std::string::npos);
    EXPECT_EQ(json.find('\xff'), std::string::npos);
    EXPECT_NE(json.find(R"("technique":"T1110.003")"), std::string::npos) << json;
}

TEST(SigmaTest, a_pattern_that_goes_wrong_costs_a_bounded_time) {
    const std::string line(kLineSizeMax, 'a');
    const auto begun = std::chrono::steady_clock::now();
    EXPECT_FALSE(holds_one("f|re: '(a+)+$b'", line));
    EXPECT_FALSE(holds_one("f: '*a*a*a*a*a*a*a*a*a*a*b'", line));
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(20));
}

// Every public rule of the data is in force: docs/detection.md says so.
TEST(SigmaTest, the_public_rules_are_in_force) {
    const char* const data =
        std::getenv("PHANTOM_DATA");  // NOLINT(concurrency-mt-unsafe): one thread
    const fs::path folder = fs::path(data == nullptr ? "../shared/data" : data) / "threat/sigma";
    if (!fs::is_directory(folder)) {
        GTEST_SKIP() << "no Sigma rules in " << folder;
    }
    SigmaRules rules;
    for (const auto& each : fs::recursive_directory_iterator(folder)) {
        if (each.path().extension() == ".yml") {
            std::ifstream file(each.path(), std::ios::binary);
            rules.add(each.path().string(), std::string(std::istreambuf_iterator<char>(file), {}));
        }
    }
    for (const Unusable& each : rules.unusable()) {
        ADD_FAILURE() << each.file << ":" << each.line << ": " << each.reason;
    }
    EXPECT_EQ(rules.entries().size(), 308U);
}

}  // namespace
}  // namespace phantom::scenario
