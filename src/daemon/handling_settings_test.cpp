#include "daemon/handling_settings.h"

#include <gtest/gtest.h>

namespace phantom::daemon {
namespace {

using namespace std::chrono_literals;
using remedy::Executor;
using respond::Approval;

TEST(HandlingSettings, an_empty_file_is_as_none) {
    const auto settings = HandlingSettings::parse("{}");
    ASSERT_TRUE(settings) << settings.error();
    EXPECT_EQ(settings->response, respond::ResponsePolicy());
    EXPECT_TRUE(settings->triggers.empty());
    EXPECT_FALSE(settings->allows_bash);
}

TEST(HandlingSettings, all_there_is) {
    const auto settings = HandlingSettings::parse(R"({
        // Comments, and commas at the end.
        "triggers": [{"playbook": "contain", "priority": 2, "technique": "T1110"}],
        "evidence_files": ["/etc/passwd"], "bash": true,
        "actions": {
            "rate-limit": {"rate": "10M", "for": "90s"},
            "firewall": {"confidence": 0.95, "risk": 4.5, "approve": "above 8", "active": 7, "per_hour": 0},
            "isolation": {"use": false},
        },
        "targets": [{"target": "10.0.0.0/8", "approve": "always"},
                    {"target": "db1", "executors": ["firewall", "isolation"], "approve": "above 5.5"}],
    })");
    ASSERT_TRUE(settings) << settings.error();
    EXPECT_EQ(settings->evidence_files, std::vector<std::string>{"/etc/passwd"});
    EXPECT_TRUE(settings->allows_bash);
    ASSERT_EQ(settings->triggers.size(), 1U);
    EXPECT_TRUE(settings->triggers[0].wants(1, {"T1110.003"}));
    EXPECT_FALSE(settings->triggers[0].wants(3, {"T1110.003"}));
    const respond::ResponsePolicy& policy = settings->response;
    EXPECT_EQ(policy.of(Executor::kRateLimit).rate, 10'000'000U);
    EXPECT_EQ(policy.of(Executor::kRateLimit).duration, Duration(90s));
    const respond::Measure& firewall = policy.of(Executor::kFirewall);
    EXPECT_DOUBLE_EQ(firewall.confidence_min, 0.95);
    EXPECT_EQ(firewall.risk_tenths_min, 45);
    EXPECT_EQ(firewall.approval, (Approval{Approval::Asked::kAbove, 80}));
    EXPECT_EQ(firewall.active_max, 7U);
    EXPECT_EQ(firewall.per_hour_max, 0U);
    EXPECT_EQ(firewall.duration, Duration(1h)) << "what is left out stays";
    EXPECT_FALSE(policy.of(Executor::kIsolation).is_used);
    ASSERT_EQ(policy.targets.size(), 2U);
    EXPECT_EQ(std::get<std::string>(policy.targets[1].whom), "db1");
    EXPECT_EQ(policy.targets[1].approval.above_tenths, 55);
}

using Names = std::vector<std::string>;

TEST(HandlingSettings, a_playbook_is_due_once_an_incident_is_bad_enough_and_once_only) {
    const std::vector<Trigger> triggers{
        {.playbook = "contain", .priority = 2, .technique = ""},
        {.playbook = "look", .priority = 5, .technique = "T1110"},
        {.playbook = "contain", .priority = 1, .technique = ""},
    };
    incident::Incident incident;
    incident.priority = 3;
    EXPECT_EQ(HandlingSettings::due(triggers, incident), Names{}) << "when it opens";
    incident.techniques = {"T1110.001"};
    EXPECT_EQ(HandlingSettings::due(triggers, incident), Names{"look"}) << "an alert joins it";
    incident.playbooks = {"look"};
    incident.priority = 1;
    EXPECT_EQ(HandlingSettings::due(triggers, incident), Names{"contain"})
        << "it gets worse: two triggers, one run";
    incident.playbooks = {"look", "contain"};
    EXPECT_EQ(HandlingSettings::due(triggers, incident), Names{});
    incident.playbooks.clear();
    incident.state = incident::State::kClosed;
    EXPECT_EQ(HandlingSettings::due(triggers, incident), Names{}) << "it is over";
}

struct Wrong {
    const char* text;
    const char* said;
};

TEST(HandlingSettings, what_is_wrong_has_file_line_column_and_reason) {
    for (const Wrong& each : {
             Wrong{"{\n \"bash\": 1}", "handling.json:2:10: true or false"},
             Wrong{"{\n\"actons\": {}}", "handling.json:2:1: there is no setting \"actons\""},
             Wrong{"{\"actions\": {\"route\": {}}}", "handling.json:1:14: rate-limit, firewall"},
             Wrong{
                 "{\"actions\":\n {\"firewall\": {\"for\": \"48h\"}}}", "handling.json:2:23: a time"
             },
             Wrong{"{\"actions\": {\"firewall\": {\"for\": \"1\"}}}", "a time from 10s to 24h"},
             Wrong{"{\"actions\": {\"firewall\": {\"confidence\": 0.4}}}", "from 0.5 to 1"},
             Wrong{"{\"actions\": {\"firewall\": {\"confidence\": nan}}}", "from 0.5 to 1"},
             Wrong{"{\"actions\": {\"firewall\": {\"approve\": \"above 11\"}}}", "always"},
             Wrong{"{\"actions\": {\"firewall\": {\"approve\": \"sometimes\"}}}", "always"},
             Wrong{"{\"actions\": {\"firewall\": {\"rate\": \"1M\"}}}", "no setting \"rate\""},
             Wrong{"{\"actions\": {\"rate-limit\": {\"rate\": \"2M\"}}}", "bytes a second"},
             Wrong{"{\"actions\": {\"firewall\": {\"active\": -1}}}", "whole number"},
             Wrong{"{\"targets\": [{\"target\": \"db1\"}]}", "\"approve\" are needed"},
             Wrong{"{\"targets\": [{\"target\": \"a b\", \"approve\": \"never\"}]}", "an address"},
             Wrong{"{\"triggers\": [{}]}", "handling.json:1:15: \"playbook\" is missing"},
             Wrong{"{\"triggers\": [{\"playbook\": \"x\", \"priority\": 6}]}", "from 1 to 5"},
             Wrong{"{\"bash\": true, \"bash\": false}", "a second time"},
             Wrong{"[]", "{...} is needed"},
             Wrong{"", "handling.json:1:1:"},
         }) {
        const auto settings = HandlingSettings::parse(each.text);
        ASSERT_FALSE(settings) << each.text;
        EXPECT_NE(settings.error().find(each.said), std::string::npos)
            << each.text << ": " << settings.error();
    }
}

}  // namespace
}  // namespace phantom::daemon
