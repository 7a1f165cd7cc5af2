#include "doctor/daemon_warnings.h"

#include <gtest/gtest.h>

namespace phantom::doctor {
namespace {

namespace json = boost::json;

json::object parsed(const char* text) {
    return json::parse(text).as_object();
}

TEST(DaemonWarnings, say_nothing_of_what_is_well_or_missing) {
    EXPECT_TRUE(warnings_of({}).empty());
    Answers answers;
    answers.status = parsed(
        R"({"self": {"carrier": {"problem": "off"}, "api": {"problem": null}, "rotation": "done"},
            "peers": [{"path": "none", "post_quantum": {"established": false}},
                      {"imported": true, "path": "direct", "post_quantum": {"established": false}}]})"
    );
    answers.netcheck = parsed(R"({"advice": ["Nothing to do."]})");
    answers.defence = parsed(R"({"settings_problem": "", "telling": {"kept": true}})");
    EXPECT_TRUE(warnings_of(answers).empty());
}

TEST(DaemonWarnings, give_no_advice_to_who_is_alone) {
    Answers answers;
    answers.status = parsed(R"({"self": {}, "peers": []})");
    answers.netcheck = parsed(R"({"advice": ["There is no other member yet"]})");
    EXPECT_TRUE(warnings_of(answers).empty());
}

TEST(DaemonWarnings, pass_on_each_problem) {
    Answers answers;
    answers.status = parsed(
        R"({"self": {"carrier": {"problem": "port 443 is taken"}, "api": {"problem": "in use"},
                     "rotation": "waiting"},
            "peers": [{"path": "direct", "post_quantum": {"established": false}}]})"
    );
    answers.netcheck = parsed(R"({"advice": ["No UDP gets through"]})");
    answers.routes = parsed(
        R"({"problem": null, "routes": [{"prefix": "10.0.0.0/8", "state": "failed", "reason": "no"},
                                        {"prefix": "10.1.0.0/16", "state": "active", "reason": ""}]})"
    );
    answers.defence = parsed(
        R"({"settings_problem": "line 3", "telling": {"kept": false, "config_problem": "bad"}})"
    );
    answers.rules =
        parsed(R"({"problem": "", "files": [{"name": "a.rules", "problem": "broken"}]})");
    answers.feeds = parsed(
        R"({"problem": "", "feeds": [{"name": "b", "problem": "", "fetch": {"problem": "404"}}]})"
    );
    answers.inputs = parsed(R"({"problem": "", "inputs": [{"name": "auth", "error": "gone"}]})");
    answers.dns = parsed(R"({"problem": "port 53"})");
    const auto warnings = warnings_of(answers);
    const std::vector<std::string> expected{
        "TCP for members without UDP: port 443 is taken",
        "HTTPS API: in use",
        "New keys wait for the node that holds the root: is it reachable?",
        "1 members have not agreed post-quantum keys: 'phantom status' shows which",
        "No UDP gets through",
        "route 10.0.0.0/8: no",
        "handling.json: line 3",
        "The store of alerts cannot be used, so nobody is told: see the log.",
        "alerts.yml: bad",
        "rules a.rules: broken",
        "feed b: 404",
        "input auth: gone",
        "dns: port 53",
    };
    EXPECT_EQ(warnings, expected);
}

}  // namespace
}  // namespace phantom::doctor
