#include "respond/pipeline.h"

#include <gtest/gtest.h>

#include "incident/record.h"

namespace phantom::respond {
namespace {

using namespace std::chrono_literals;
using assess::EvidenceFamily;
using assess::Priority;
using remedy::Executor;

wire::Address address(std::string_view text) {
    return *wire::Address::parse(text);
}
const wire::Address kBirch = *wire::Address::parse("100.64.0.7");
const wire::Address kAmber = *wire::Address::parse("100.64.0.9");

class PipelineTest : public testing::Test {
  protected:
    PipelineTest() {
        pipeline_.set_world(World(
            {{.name = "birch", .addresses = {kBirch}}, {.name = "amber", .addresses = {kAmber}}},
            [](std::size_t, std::size_t) { return true; }
        ));
    }

    Finding finding(double llr, EvidenceFamily family = EvidenceFamily::kScenario) const {
        return {
            .rule = "behaviour:port-scan",
            .text = "many ports",
            .subject = kBirch,
            .object = kAmber,
            .severity = 6,
            .evidence = {.family = family, .llr = llr},
            .technique = assess::TechniqueId::parse("T1046"),
            .first_seen = {now_.ns - 1'000'000'000},
            .at = now_,
        };
    }
    [[nodiscard]] Pipeline::Taken taken(
        std::uint64_t action, Executor executor = Executor::kFirewall
    ) const {
        return {action, executor, {now_.ns + 1}, "packets of birch are dropped"};
    }
    void pass(Duration time) { now_.ns += time.count(); }
    [[nodiscard]] const Alert& alert(std::uint64_t number) const {
        return pipeline_.alerts().all().at(number);
    }

    Pipeline pipeline_;
    WallTime now_{1'790'000'000'000'000'000};
};

TEST_F(PipelineTest, the_same_again_is_the_same_alert) {
    const Outcome first = pipeline_.step(finding(5));
    EXPECT_TRUE(first.is_new);
    pass(4min);
    const Outcome second = pipeline_.step(finding(5));
    EXPECT_FALSE(second.is_new);
    EXPECT_EQ(second.alert, first.alert);
    EXPECT_EQ(alert(first.alert).count, 2U);
    EXPECT_EQ(alert(first.alert).subject_name, "birch");
    pass(kFoldWindow);
    pipeline_.tick(now_);
    EXPECT_EQ(alert(first.alert).state, Alert::State::kResolved);
    EXPECT_NE(pipeline_.step(finding(5)).alert, first.alert) << "after silence it is another";
}

class StagesSeen final : public StageWatch {
  public:
    void begin() override { seen.emplace_back("begin"); }
    void passed(Stage stage) override {
        seen.push_back(kStageBudgets.at(static_cast<std::size_t>(stage)).name);
    }
    std::vector<std::string_view> seen;
};

TEST_F(PipelineTest, who_watches_hears_of_each_stage_in_its_order) {
    using Names = std::vector<std::string_view>;
    StagesSeen watch;
    pipeline_.watch(&watch);
    (void)pipeline_.step(finding(9));
    EXPECT_EQ(
        watch.seen, (Names{"begin", "fold", "gather", "assess", "alert", "incident", "decide"})
    );
    watch.seen.clear();
    (void)pipeline_.step(finding(9));
    EXPECT_EQ(watch.seen, (Names{"begin", "fold", "gather", "decide"})) << "nothing is judged anew";
    pipeline_.watch(nullptr);
}

TEST_F(PipelineTest, weak_evidence_is_no_incident_and_no_reason_to_act) {
    const Outcome outcome = pipeline_.step(finding(1));
    EXPECT_EQ(outcome.incident, 0U);
    EXPECT_FALSE(outcome.wishes);
    EXPECT_EQ(alert(outcome.alert).priority, Priority::kP5);
}

TEST_F(PipelineTest, enough_of_it_is_both) {
    const Outcome outcome = pipeline_.step(finding(9));
    ASSERT_TRUE(outcome.wishes);
    EXPECT_EQ(outcome.wishes->subject, kBirch);
    EXPECT_GE(outcome.wishes->confidence, 0.9);
    ASSERT_EQ(outcome.wishes->act.size(), 2U);
    EXPECT_EQ(outcome.wishes->act[0].executor, Executor::kFirewall);
    EXPECT_EQ(outcome.wishes->act[0].duration, 1h);
    EXPECT_EQ(outcome.wishes->act[1].executor, Executor::kRateLimit) << "where that is refused";
    EXPECT_FALSE(outcome.wishes->propose);
    EXPECT_NE(outcome.incident, 0U);
    EXPECT_EQ(alert(outcome.alert).incident, outcome.incident);
    EXPECT_NE(alert(outcome.alert).assessment.find("scenario 9"), std::string::npos)
        << alert(outcome.alert).assessment;
}

TEST_F(PipelineTest, families_add_up_and_one_family_does_not) {
    EXPECT_FALSE(pipeline_.step(finding(5)).wishes);
    EXPECT_FALSE(pipeline_.step(finding(5)).wishes) << "the same fact twice";
    EXPECT_TRUE(pipeline_.step(finding(4, EvidenceFamily::kSignature)).wishes);
}

TEST_F(PipelineTest, what_was_long_ago_speaks_no_more) {
    (void)pipeline_.step(finding(5));
    pass(kEvidenceLifetime + 1s);
    EXPECT_FALSE(pipeline_.step(finding(4, EvidenceFamily::kSignature)).wishes);
}

TEST_F(PipelineTest, what_speaks_against_one_does_not_speak_against_another) {
    (void)pipeline_.step(finding(5));
    Finding other = finding(4, EvidenceFamily::kSignature);
    other.subject = kAmber;
    EXPECT_FALSE(pipeline_.step(other).wishes);
}

TEST_F(PipelineTest, the_worst_judgement_stays) {
    const Outcome outcome = pipeline_.step(finding(9));
    const int worst = alert(outcome.alert).risk_tenths;
    pass(kEvidenceLifetime / 4);
    (void)pipeline_.step(finding(1));
    EXPECT_EQ(alert(outcome.alert).risk_tenths, worst);
}

TEST_F(PipelineTest, one_block_an_alert) {
    const Outcome outcome = pipeline_.step(finding(9));
    ASSERT_TRUE(outcome.wishes);
    pipeline_.acted(outcome.alert, taken(17), 0, now_);
    EXPECT_FALSE(pipeline_.step(finding(9)).wishes);
    EXPECT_EQ(alert(outcome.alert).action, 17U);
}

TEST_F(PipelineTest, one_action_serves_all_alerts_of_a_subject) {
    const Outcome first = pipeline_.step(finding(9));
    pipeline_.acted(first.alert, taken(17), 0, now_);
    Finding other = finding(9);
    other.rule = "behaviour:slow-scan";
    const Outcome second = pipeline_.step(other);
    ASSERT_TRUE(second.wishes);
    pipeline_.covered(second.alert, taken(17));
    EXPECT_FALSE(pipeline_.step(other).wishes);
    pipeline_.ended(17, Pipeline::End::kTimeIsOver, now_);
    EXPECT_TRUE(pipeline_.step(other).wishes) << "it is over for both";
}

TEST_F(PipelineTest, an_incident_is_contained_and_recovers) {
    const Outcome outcome = pipeline_.step(finding(9));
    const incident::Incident* incident = pipeline_.incidents().find(outcome.incident);
    ASSERT_NE(incident, nullptr);
    EXPECT_EQ(incident->state, incident::State::kNew);
    EXPECT_EQ(incident->first_seen.ns, now_.ns - 1'000'000'000);
    pipeline_.acted(outcome.alert, taken(17), 0, now_);
    EXPECT_EQ(incident->state, incident::State::kContainment);
    EXPECT_EQ(incident->actions, (std::vector<std::uint64_t>{17}));
    pass(1min);
    pipeline_.ended(17, Pipeline::End::kTimeIsOver, now_);
    EXPECT_EQ(incident->state, incident::State::kRecovery);
    EXPECT_EQ(incident->recovered, now_);
    (void)pipeline_.step(finding(9));
    EXPECT_EQ(incident->state, incident::State::kAnalysis) << "it goes on";
}

TEST_F(PipelineTest, who_goes_on_when_the_time_is_over_is_blocked_again) {
    const Outcome outcome = pipeline_.step(finding(9));
    pipeline_.acted(outcome.alert, taken(17), 0, now_);
    pass(1min);
    pipeline_.ended(17, Pipeline::End::kTimeIsOver, now_);
    EXPECT_TRUE(pipeline_.step(finding(9)).wishes);
}

TEST_F(PipelineTest, whom_somebody_let_go_is_spared_for_a_while) {
    const Outcome outcome = pipeline_.step(finding(9));
    pipeline_.acted(outcome.alert, taken(17), 0, now_);
    pipeline_.ended(17, Pipeline::End::kTakenBack, now_);
    EXPECT_FALSE(pipeline_.step(finding(9)).wishes);
    pass(kSpareDuration);
    EXPECT_TRUE(pipeline_.step(finding(9)).wishes);
    pipeline_.acted(pipeline_.step(finding(9)).alert, taken(18), 0, now_);
    pipeline_.ended(18, Pipeline::End::kTakenBack, now_);
    pipeline_.arm();
    EXPECT_TRUE(pipeline_.step(finding(9)).wishes) << "unless he says so";
}

TEST_F(PipelineTest, why_nothing_was_done_is_told) {
    const Outcome outcome = pipeline_.step(finding(9));
    pipeline_.refused(outcome.alert, "it is on a guard list", now_);
    const incident::Incident* incident = pipeline_.incidents().find(outcome.incident);
    EXPECT_EQ(incident->timeline.back().text, "not taken: it is on a guard list");
    EXPECT_EQ(incident->state, incident::State::kNew);
}

TEST_F(PipelineTest, less_sure_is_gentler_and_surer_takes_its_place) {
    const Outcome weak = pipeline_.step(finding(6));
    ASSERT_TRUE(weak.wishes);
    ASSERT_EQ(weak.wishes->act.size(), 1U);
    EXPECT_EQ(weak.wishes->act[0].executor, Executor::kRateLimit);
    pipeline_.acted(weak.alert, taken(17, Executor::kRateLimit), 0, now_);
    EXPECT_FALSE(pipeline_.step(finding(6)).wishes) << "as hard as that already";
    const Outcome sure = pipeline_.step(finding(9));
    ASSERT_TRUE(sure.wishes);
    ASSERT_EQ(sure.wishes->act.size(), 1U);
    EXPECT_EQ(sure.wishes->act[0].executor, Executor::kFirewall);
    pipeline_.acted(sure.alert, taken(18), 17, now_);
    EXPECT_EQ(alert(sure.alert).action, 18U);
    EXPECT_FALSE(pipeline_.step(finding(9)).wishes);
    const incident::Incident* incident = pipeline_.incidents().find(sure.incident);
    EXPECT_EQ(incident->actions, (std::vector<std::uint64_t>{17, 18}));
}

TEST_F(PipelineTest, an_action_that_gives_way_does_so_for_all_alerts) {
    const Outcome first = pipeline_.step(finding(9));
    pipeline_.acted(first.alert, taken(17, Executor::kRateLimit), 0, now_);
    Finding other = finding(9);
    other.rule = "behaviour:slow-scan";
    const Outcome second = pipeline_.step(other);
    pipeline_.covered(second.alert, taken(17, Executor::kRateLimit));
    pipeline_.acted(first.alert, taken(18), 17, now_);
    EXPECT_EQ(alert(second.alert).action, 18U);
    EXPECT_FALSE(pipeline_.step(other).wishes);
}

TEST_F(PipelineTest, who_has_to_be_asked_is_asked_once_and_the_gentler_is_done_meanwhile) {
    ResponsePolicy policy;
    policy.find(Executor::kFirewall)->approval.asked = Approval::Asked::kAlways;
    pipeline_.set_policy(policy);
    const Outcome outcome = pipeline_.step(finding(9));
    ASSERT_TRUE(outcome.wishes && outcome.wishes->propose);
    EXPECT_EQ(outcome.wishes->propose->executor, Executor::kFirewall);
    ASSERT_EQ(outcome.wishes->act.size(), 1U);
    EXPECT_EQ(outcome.wishes->act[0].executor, Executor::kRateLimit);
    pipeline_.acted(outcome.alert, taken(17, Executor::kRateLimit), 0, now_);
    pipeline_.proposed(outcome.alert, taken(18), now_);
    EXPECT_FALSE(pipeline_.step(finding(9)).wishes);
    EXPECT_EQ(alert(outcome.alert).proposal, 18U);

    pipeline_.answered(outcome.alert, taken(18), Pipeline::Answer::kNone, now_);
    const Outcome again = pipeline_.step(finding(9));
    ASSERT_TRUE(again.wishes && again.wishes->propose) << "nobody answered: it is asked again";
    pipeline_.proposed(outcome.alert, taken(19), now_);
    pipeline_.answered(outcome.alert, taken(19), Pipeline::Answer::kDenied, now_);
    EXPECT_FALSE(pipeline_.step(finding(9)).wishes) << "denied";
    pass(kSpareDuration);
    EXPECT_TRUE(pipeline_.step(finding(9)).wishes);
}

TEST_F(PipelineTest, what_was_denied_does_not_keep_from_what_is_gentler) {
    ResponsePolicy policy;
    policy.find(Executor::kFirewall)->approval.asked = Approval::Asked::kAlways;
    pipeline_.set_policy(policy);
    const Outcome outcome = pipeline_.step(finding(9));
    pipeline_.proposed(outcome.alert, taken(18), now_);
    pipeline_.answered(outcome.alert, taken(18), Pipeline::Answer::kDenied, now_);
    const Outcome after = pipeline_.step(finding(9));
    ASSERT_TRUE(after.wishes);
    EXPECT_FALSE(after.wishes->propose);
    ASSERT_EQ(after.wishes->act.size(), 1U);
    EXPECT_EQ(after.wishes->act[0].executor, Executor::kRateLimit);
}

TEST_F(PipelineTest, acknowledged_once_and_for_all) {
    const Outcome outcome = pipeline_.step(finding(9));
    pass(30s);
    ASSERT_TRUE(pipeline_.acknowledge(outcome.alert, now_));
    EXPECT_EQ(alert(outcome.alert).state, Alert::State::kAcknowledged);
    const incident::Incident* incident = pipeline_.incidents().find(outcome.incident);
    EXPECT_EQ(incident->state, incident::State::kTriage);
    EXPECT_EQ(incident->acknowledged, now_);
    ASSERT_TRUE(pipeline_.acknowledge(outcome.alert, {now_.ns + 5}));
    EXPECT_EQ(incident->acknowledged, now_);
    EXPECT_FALSE(pipeline_.acknowledge(99, now_));
}

TEST_F(PipelineTest, a_stranger_reaches_nothing_that_is_known) {
    Finding stranger = finding(9);
    stranger.subject = address("203.0.113.5");
    const Outcome outcome = pipeline_.step(stranger);
    EXPECT_EQ(alert(outcome.alert).subject_name, "");
    const Outcome member = pipeline_.step(finding(9));
    EXPECT_LT(alert(outcome.alert).risk_tenths, alert(member.alert).risk_tenths);
}

TEST_F(PipelineTest, a_flood_of_subjects_keeps_its_bounds_and_the_urgent) {
    const std::uint64_t urgent = pipeline_.step(finding(9)).alert;
    for (unsigned number = 0; number < kAlertsMax + 2'000; ++number) {
        Finding each = finding(1);
        std::array<std::uint8_t, 4> bytes{
            10, static_cast<std::uint8_t>(number >> 16U), static_cast<std::uint8_t>(number >> 8U),
            static_cast<std::uint8_t>(number)
        };
        each.subject = wire::Address::v4(bytes.data());
        (void)pipeline_.step(each);
    }
    EXPECT_LE(pipeline_.alerts().all().size(), kAlertsMax);
    EXPECT_EQ(pipeline_.alerts().dropped() + pipeline_.alerts().all().size(), kAlertsMax + 2'001U);
    EXPECT_TRUE(pipeline_.alerts().all().contains(urgent)) << "P5 goes before P2";
}

}  // namespace
}  // namespace phantom::respond
