#include "alert/escalation.h"

#include <array>
#include <functional>

#include "alert/ack_link.h"
#include "alert/alert_fixture.h"
#include "alert/alert_json.h"
#include "alert/state_json.h"

namespace phantom::alert {
namespace {

using test::kMorning;
using namespace std::chrono_literals;

EscalationPolicy ladder() {
    return {
        .name = "ladder",
        .priority = Priority::kP1,
        .levels =
            {{.after = 0s, .targets = {"a"}},
             {.after = 5min, .targets = {"b"}},
             {.after = 15min, .targets = {"c"}}},
        .repeats = 1
    };
}

class EscalationTest : public testing::Test {
  protected:
    // Levels that are due, with the round.
    std::vector<std::pair<std::size_t, std::uint32_t>> due(Duration after) {
        std::vector<std::pair<std::size_t, std::uint32_t>> list;
        for (const auto& step : escalations().due(later(kMorning, after), policy_of_)) {
            list.emplace_back(step.level, step.round);
        }
        return list;
    }
    Escalations& escalations() { return escalations_; }
    const EscalationPolicy& policy() const { return policy_; }

  private:
    Escalations escalations_;
    EscalationPolicy policy_ = ladder();
    std::function<const EscalationPolicy*(const std::string&)> policy_of_ =
        [this](const std::string& name) { return name == "ladder" ? &policy_ : nullptr; };
};

using Levels = std::vector<std::pair<std::size_t, std::uint32_t>>;

TEST_F(EscalationTest, goes_up_level_by_level_and_begins_anew_as_often_as_it_is_told_to) {
    escalations().begin({}, policy(), kMorning);
    EXPECT_EQ(due(0s), (Levels{{0, 0}}));
    EXPECT_EQ(due(4min), Levels{});
    EXPECT_EQ(due(5min), (Levels{{1, 0}}));
    EXPECT_EQ(due(15min), (Levels{{2, 0}}));
    EXPECT_EQ(due(29min), Levels{});
    EXPECT_EQ(due(30min), (Levels{{0, 1}}));
    EXPECT_EQ(due(35min), (Levels{{1, 1}}));
    EXPECT_EQ(due(45min), (Levels{{2, 1}}));
    EXPECT_TRUE(escalations().all().empty());
    EXPECT_EQ(escalations().next_due(), Escalations::kNever);
}

TEST_F(EscalationTest, ends_when_it_is_stopped) {
    escalations().begin({}, policy(), kMorning);
    EXPECT_EQ(due(0s), (Levels{{0, 0}}));
    escalations().stop({});
    EXPECT_EQ(due(1h), Levels{});
}

TEST_F(EscalationTest, a_second_beginning_changes_nothing) {
    escalations().begin({}, policy(), kMorning);
    EXPECT_EQ(due(0s), (Levels{{0, 0}}));
    escalations().begin({}, policy(), later(kMorning, 1min));
    EXPECT_EQ(due(5min), (Levels{{1, 0}}));
}

TEST_F(EscalationTest, falls_through_at_once_and_keeps_its_gaps) {
    escalations().begin({}, policy(), kMorning);
    EXPECT_EQ(due(0s), (Levels{{0, 0}}));
    escalations().fall_through({}, later(kMorning, 10s));
    EXPECT_EQ(due(10s), (Levels{{1, 0}}));
    EXPECT_EQ(due(10min), Levels{});
    EXPECT_EQ(due(10min + 10s), (Levels{{2, 0}}));
}

TEST_F(EscalationTest, a_policy_that_is_gone_ends_it) {
    EscalationPolicy other = ladder();
    other.name = "other";
    escalations().begin({}, other, kMorning);
    EXPECT_EQ(due(0s), Levels{});
    EXPECT_TRUE(escalations().all().empty());
}

TEST_F(EscalationTest, is_bounded_and_what_finds_no_room_is_counted) {
    for (std::size_t index = 0; index <= kEscalationsMax; ++index) {
        Fingerprint group{};
        store_le<std::uint64_t>(group.data(), index + 1);
        escalations().begin(group, policy(), kMorning);
    }
    EXPECT_EQ(escalations().all().size(), kEscalationsMax);
    EXPECT_EQ(escalations().refused_total(), 1U);
}

TEST_F(EscalationTest, survives_as_text) {
    escalations().begin({}, policy(), kMorning);
    EXPECT_EQ(due(0s), (Levels{{0, 0}}));
    const auto read = read_escalation(write_escalation(escalations().all().begin()->second));
    ASSERT_TRUE(read.has_value());
    escalations() = Escalations();
    escalations().restore(*read);
    EXPECT_EQ(due(4min), Levels{});
    EXPECT_EQ(due(5min), (Levels{{1, 0}}));
}

TEST(StateJson, what_is_no_record_is_refused) {
    for (const char* const text :
         {"", "{}", "[]", "null", R"({"group": "00"})", "{\"labels\":1}"}) {
        EXPECT_FALSE(read_entry(text).has_value()) << text;
        EXPECT_FALSE(read_group(text).has_value()) << text;
        EXPECT_FALSE(read_silence(text).has_value()) << text;
        EXPECT_FALSE(read_escalation(text).has_value()) << text;
        EXPECT_FALSE(read_override(text).has_value()) << text;
    }
}

TEST(StateJson, an_entry_reads_as_it_was_written) {
    Entry entry;
    entry.alert = test::alert_of({{"alertname", "Scan"}, {"peer", "a\"b"}}, Priority::kP2);
    entry.state = AlertState::kAcked;
    entry.count = 7;
    entry.first_seen = kMorning;
    entry.acked_by = "ann";
    const auto read = read_entry(write_entry(entry));
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->alert.fingerprint, entry.alert.fingerprint);
    EXPECT_EQ(read->alert.priority, Priority::kP2);
    EXPECT_EQ(read->alert.starts_at, entry.alert.starts_at);
    EXPECT_EQ(read->state, AlertState::kAcked);
    EXPECT_EQ(read->count, 7U);
    EXPECT_EQ(read->acked_by, "ann");
}

// ---- Links ------------------------------------------------------------------------------------------

constexpr std::array<std::uint8_t, kAckKeySize> kKey{1, 2, 3};

AckLink link_to(const std::string& receiver) {
    AckLink link;
    link.group[5] = 9;
    link.told_at = kMorning;
    link.expires_at = later(kMorning, kAckLinkLifetime);
    link.receiver = receiver;
    return link;
}

TEST(AckLink, reads_as_it_was_written_until_it_expires) {
    const std::string token = write_ack_link(link_to("on call"), kKey);
    const auto read = read_ack_link(token, kKey, later(kMorning, 23h));
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->receiver, "on call");
    EXPECT_EQ(read->group, link_to("").group);
    EXPECT_EQ(read->told_at, kMorning);
    EXPECT_TRUE(
        read_ack_link(token, kKey, later(kMorning, 24h)).error().is(AlertError::kLinkExpired)
    );
    EXPECT_EQ(
        token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
        ),
        std::string::npos
    );
}

TEST(AckLink, no_byte_of_it_can_be_changed) {
    const std::string token = write_ack_link(link_to("ann"), kKey);
    for (std::size_t at = 0; at < token.size(); ++at) {
        std::string changed = token;
        changed[at] = changed[at] == 'A' ? 'B' : 'A';
        EXPECT_FALSE(read_ack_link(changed, kKey, kMorning).has_value()) << at;
        EXPECT_FALSE(read_ack_link(token.substr(0, at), kKey, kMorning).has_value()) << at;
    }
    constexpr std::array<std::uint8_t, kAckKeySize> kOther{4};
    EXPECT_TRUE(read_ack_link(token, kOther, kMorning).error().is(AlertError::kLinkForged));
    EXPECT_FALSE(read_ack_link(token + "A", kKey, kMorning).has_value());
}

// ---- The sections of the file -----------------------------------------------------------------------

constexpr const char* kOurSections = R"(
route: {receiver: ann, escalation: ladder}
receivers: [{name: ann}, {name: bob}]
rotas:
  - name: ops
    time_zone: UTC
    handover: '08:30'
    starts: 2026-01-05
    shift: 1d
    people: [ann, bob]
    overrides: [{from: '2026-12-24T09:00:00+01:00', until: '2026-12-26T09:00:00+01:00', who: bob}]
escalations:
  - {name: ladder, priority: P2, repeats: 2, levels: [{after: 0s}, {after: 10m, targets: ['rota:ops', bob]}]}
)";

TEST(EscalationConfig, is_read) {
    const Config config = test::config_of(kOurSections);
    EXPECT_EQ(config.root.escalation, "ladder");
    const EscalationPolicy& read = config.escalations.at("ladder");
    EXPECT_EQ(read.priority, Priority::kP2);
    EXPECT_EQ(read.repeats, 2U);
    EXPECT_EQ(read.levels.at(1).targets, (std::vector<std::string>{"rota:ops", "bob"}));
    const Rota& rota = config.rotas.at("ops");
    EXPECT_EQ(rota.handover_minute, 8 * 60 + 30);
    EXPECT_EQ(rota.shift_days, 1);
    ASSERT_EQ(rota.overrides.size(), 1U);
    EXPECT_EQ(rota.overrides[0].from, parse_rfc3339("2026-12-24T08:00:00Z").value());
}

TEST(EscalationConfig, p1_escalates_where_nothing_is_said) {
    const Config config = test::config_of("route: {receiver: a}\nreceivers: [{name: a}]\n");
    const EscalationPolicy& policy = config.escalations.at(config.root.escalation);
    EXPECT_EQ(policy, default_escalation());
    ASSERT_EQ(policy.levels.size(), 3U);
    EXPECT_EQ(policy.levels[1].after, 5min);
    EXPECT_EQ(policy.levels[2].after, 15min);
}

TEST(EscalationConfig, each_fault_is_named_with_its_place) {
    const auto refused = [](const std::string& section, const char* what) {
        const auto read =
            read_config("route: {receiver: ann}\nreceivers: [{name: ann}]\n" + section, {});
        ASSERT_FALSE(read.has_value()) << section;
        EXPECT_NE(read.error().front().text.find(what), std::string::npos)
            << read.error().front().text;
        EXPECT_GE(read.error().front().line, 3U);
    };
    refused("rotas: [{name: r, people: [eve]}]", "no receiver 'eve'");
    refused("rotas: [{name: r, people: [ann], time_zone: Nowhere/At_All}]", "no time zone");
    refused("rotas: [{name: r, people: [ann], shift: 5h}]", "whole days");
    refused("rotas: [{name: r, people: [ann], handover: '25:00'}]", "time of day");
    refused("rotas: [{name: r, people: []}]", "'people'");
    refused("escalations: [{name: e, levels: []}]", "'levels'");
    refused("escalations: [{name: e, levels: [{targets: [eve]}]}]", "no receiver 'eve'");
    refused("escalations: [{name: e, levels: [{targets: ['rota:x']}]}]", "no rota 'x'");
    refused("escalations: [{name: e, levels: [{after: 5m}, {after: 1m}]}]", "less than");
    refused("escalations: [{name: none, levels: [{}]}]", "another one than 'none'");
}

}  // namespace
}  // namespace phantom::alert
