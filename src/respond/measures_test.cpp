#include "respond/measures.h"

#include <cmath>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace phantom::respond {
namespace {

using namespace std::chrono_literals;
using Asked = Approval::Asked;
using remedy::Executor;

const wire::Address kSubject = *wire::Address::parse("100.64.0.7");

Judged judged(double confidence, int risk_tenths, std::string_view name = "birch") {
    return {
        .subject = kSubject,
        .subject_name = name,
        .confidence = confidence,
        .loss = 0.8,
        .risk_tenths = risk_tenths,
    };
}

std::vector<Executor> executors_of(const Choice& choice) {
    std::vector<Executor> executors;
    for (const Measure* each : choice.act) {
        executors.push_back(each->executor);
    }
    return executors;
}

TEST(Measures, the_less_sure_the_gentler) {
    const ResponsePolicy policy;
    EXPECT_TRUE(choose(policy, judged(0.69, 95), {}).act.empty());
    EXPECT_EQ(executors_of(choose(policy, judged(0.7, 70), {})), std::vector{Executor::kRateLimit});
    EXPECT_EQ(
        executors_of(choose(policy, judged(0.9, 70), {})),
        (std::vector{Executor::kFirewall, Executor::kRateLimit})
    );
}

TEST(Measures, isolation_wants_the_highest_risk_and_a_person) {
    const ResponsePolicy policy;
    EXPECT_EQ(choose(policy, judged(0.99, 89), {}).propose, nullptr);
    const Choice choice = choose(policy, judged(0.99, 90), {});
    ASSERT_NE(choice.propose, nullptr);
    EXPECT_EQ(choice.propose->executor, Executor::kIsolation);
    EXPECT_EQ(choice.act.front()->executor, Executor::kFirewall) << "meanwhile";
    EXPECT_EQ(choose(policy, judged(0.96, 90), {}).propose, nullptr);
}

TEST(Measures, isolation_without_a_person_where_the_owner_wants_that) {
    ResponsePolicy policy;
    policy.find(Executor::kIsolation)->approval.asked = Asked::kNever;
    EXPECT_EQ(choose(policy, judged(0.99, 95), {}).act.front()->executor, Executor::kIsolation);
    EXPECT_EQ(choose(policy, judged(0.96, 95), {}).act.front()->executor, Executor::kFirewall);
    EXPECT_EQ(choose(policy, judged(0.99, 95, ""), {}).act.front()->executor, Executor::kFirewall)
        << "a stranger is no member";
}

TEST(Measures, approval_from_a_risk_on) {
    ResponsePolicy policy;
    policy.find(Executor::kFirewall)->approval = {Asked::kAbove, 75};
    EXPECT_EQ(choose(policy, judged(0.95, 75), {}).act.front()->executor, Executor::kFirewall);
    const Choice asked = choose(policy, judged(0.95, 76), {});
    ASSERT_NE(asked.propose, nullptr);
    EXPECT_EQ(asked.propose->executor, Executor::kFirewall);
    EXPECT_EQ(executors_of(asked), std::vector{Executor::kRateLimit});
}

TEST(Measures, of_a_target_somebody_is_asked_beside_what_the_executor_asks) {
    ResponsePolicy policy;
    policy.targets.push_back(
        {.whom = *wire::Prefix::parse("100.64.0.0/24"),
         .executors = {Executor::kFirewall},
         .approval = {Asked::kAlways}}
    );
    policy.targets.push_back({.whom = "birch", .executors = {}, .approval = {Asked::kNever}});
    Choice choice = choose(policy, judged(0.95, 70), {});
    ASSERT_NE(choice.propose, nullptr);
    EXPECT_EQ(choice.propose->executor, Executor::kFirewall);
    policy.targets.push_back({.whom = "birch", .executors = {}, .approval = {Asked::kAbove, 50}});
    choice = choose(policy, judged(0.95, 70), {});
    EXPECT_TRUE(choice.act.empty());
    Judged other = judged(0.95, 70, "cedar");
    other.subject = *wire::Address::parse("100.64.1.7");
    EXPECT_EQ(choose(policy, other, {}).act.front()->executor, Executor::kFirewall);
}

TEST(Measures, nothing_gentler_than_what_is_there) {
    const ResponsePolicy policy;
    EXPECT_TRUE(choose(policy, judged(0.8, 70), {.in_force = Executor::kRateLimit}).act.empty());
    EXPECT_EQ(
        executors_of(choose(policy, judged(0.95, 70), {.in_force = Executor::kRateLimit})),
        std::vector{Executor::kFirewall}
    );
    EXPECT_TRUE(choose(policy, judged(0.95, 70), {.in_force = Executor::kIsolation}).act.empty());
    const Standing asked{.in_force = Executor::kFirewall, .proposed = Executor::kIsolation};
    EXPECT_EQ(choose(policy, judged(0.99, 95), asked).propose, nullptr);
}

TEST(Measures, to_be_wrong_for_long_costs_more) {
    ResponsePolicy policy;
    Measure& firewall = *policy.find(Executor::kFirewall);
    firewall.duration = 24h;
    // 0.9 x 0.8 against 0.1 x 0.5 x 24
    EXPECT_EQ(choose(policy, judged(0.9, 70), {}).act.front()->executor, Executor::kRateLimit);
    EXPECT_EQ(choose(policy, judged(0.99, 70), {}).act.front()->executor, Executor::kFirewall);
}

TEST(Measures, a_confidence_that_is_no_number_is_none) {
    EXPECT_TRUE(choose(ResponsePolicy(), judged(std::nan(""), 100), {}).act.empty());
}

TEST(Measures, who_does_not_know_what_the_owner_wants_asks_for_all) {
    const ResponsePolicy asking = ResponsePolicy::asking();
    const Choice choice = choose(asking, judged(0.95, 70), {});
    EXPECT_TRUE(choice.act.empty());
    ASSERT_NE(choice.propose, nullptr);
    EXPECT_EQ(choice.propose->executor, Executor::kFirewall);
    for (const remedy::Executor executor : {Executor::kRateLimit, Executor::kCredential}) {
        EXPECT_TRUE(asking.limits().at(remedy::index_of(executor)).needs_approval);
    }
}

// Surer, worse, or asked less never does less.
RC_GTEST_PROP(Measures, surer_is_never_gentler, ()) {
    const auto drawn = [](int least, int most) { return *rc::gen::inRange(least, most + 1); };
    ResponsePolicy policy;
    for (Measure& measure : policy.measures) {
        measure.is_used = *rc::gen::arbitrary<bool>();
        measure.confidence_min = drawn(50, 100) / 100.0;
        measure.risk_tenths_min = drawn(10, 100);
        measure.approval = {*rc::gen::element(Asked::kNever, Asked::kAbove, Asked::kAlways), 55};
    }
    const Judged less = judged(drawn(0, 100) / 100.0, drawn(10, 100));
    Judged more = less;
    more.confidence = std::min(1.0, less.confidence + drawn(0, 30) / 100.0);
    const auto hardest = [&](const Judged& of) {
        const Choice choice = choose(policy, of, {});
        const std::size_t acts = choice.act.empty() ? 0 : step_of(choice.act.front()->executor) + 1;
        const std::size_t asks =
            choice.propose == nullptr ? 0 : step_of(choice.propose->executor) + 1;
        return std::pair(acts, std::max(acts, asks));
    };
    RC_ASSERT(hardest(more).first >= hardest(less).first);
    RC_ASSERT(hardest(more).second >= hardest(less).second);
}

TEST(HourlyBudget, so_many_an_hour) {
    HourlyBudget budget;
    Measure measure = ResponsePolicy().of(Executor::kFirewall);
    measure.per_hour_max = 2;
    const WallTime begin{1'790'000'000'000'000'000};
    const auto after = [&](Duration time) { return WallTime{begin.ns + time.count()}; };
    for (const Duration at : {Duration(0), Duration(10min)}) {
        ASSERT_TRUE(budget.may(measure, after(at)));
        budget.spend(measure, after(at));
    }
    EXPECT_FALSE(budget.may(measure, after(59min)));
    EXPECT_TRUE(budget.may(ResponsePolicy().of(Executor::kRateLimit), after(59min)));
    EXPECT_TRUE(budget.may(measure, after(60min)));
    budget.spend(measure, after(60min));
    EXPECT_FALSE(budget.may(measure, after(69min)));
    measure.per_hour_max = 0;
    EXPECT_FALSE(budget.may(measure, after(10h)));
}

}  // namespace
}  // namespace phantom::respond
