#include "respond/measures.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/assert.h"

namespace phantom::respond {

namespace {

using remedy::Executor;

constexpr std::array<Executor, kMeasureCount> kLadder{
    Executor::kRateLimit, Executor::kFirewall,   Executor::kIsolation,
    Executor::kTunnel,    Executor::kCredential,
};
constexpr Duration kBudgetWindow = std::chrono::hours(1);
constexpr auto kAlways = Approval::Asked::kAlways;

// To be slowed down is a nuisance; to be cut off is what an attack would do to us.
constexpr double kCostOfRateLimit = 0.1;
constexpr double kCostOfFirewall = 0.5;
constexpr double kCostOfCuttingOff = 1;

std::array<Measure, kMeasureCount> ladder() {
    const remedy::ExecutorLimits limits = remedy::default_limits();
    std::array<Measure, kMeasureCount> measures;
    for (std::size_t step = 0; step < kMeasureCount; ++step) {
        Measure& measure = measures[step];
        measure.executor = kLadder[step];
        measure.confidence_min = limits[remedy::index_of(kLadder[step])].confidence_min;
        measure.needs_member = step >= step_of(Executor::kIsolation);
        measure.cost_per_hour = kCostOfCuttingOff;
    }
    measures[0].is_used = true;
    measures[0].cost_per_hour = kCostOfRateLimit;
    measures[0].rate = remedy::kRates[0];
    measures[1].is_used = true;
    measures[1].cost_per_hour = kCostOfFirewall;
    // A whole member is cut off where it is as bad as can be, and somebody agrees.
    Measure& isolation = measures[2];
    isolation.is_used = true;
    isolation.risk_tenths_min = 90;
    isolation.approval.asked = kAlways;
    // To bar somebody is to isolate him (remedy::Guard), and harder to come back from.
    measures[3].confidence_min = isolation.confidence_min;
    for (const std::size_t step : {std::size_t{3}, std::size_t{4}}) {
        measures[step].risk_tenths_min = 95;
        measures[step].approval.asked = kAlways;
    }
    return measures;
}

bool names(const TargetRule& rule, const Judged& judged) {
    if (const auto* prefix = std::get_if<wire::Prefix>(&rule.whom)) {
        return prefix->contains(judged.subject);
    }
    return std::get<std::string>(rule.whom) == judged.subject_name;
}

bool is_warranted(const Measure& measure, const Judged& judged) {
    const double p = judged.confidence;
    const double hours = std::chrono::duration<double, std::ratio<3600>>(measure.duration).count();
    // Written so that a confidence that is no number is not enough.
    return measure.is_used && p >= measure.confidence_min &&
           judged.risk_tenths >= measure.risk_tenths_min &&
           p * judged.loss > (1 - p) * measure.cost_per_hour * hours &&
           (!measure.needs_member || !judged.subject_name.empty());
}

std::size_t step_after(const std::optional<Executor>& executor) {
    return executor ? step_of(*executor) + 1 : 0;
}

}  // namespace

std::string to_string(const Approval& approval) {
    switch (approval.asked) {
        case Approval::Asked::kNever:
            return "never";
        case Approval::Asked::kAbove:
            return fmt::format(
                "above {}.{}", approval.above_tenths / 10, approval.above_tenths % 10
            );
        case Approval::Asked::kAlways:
            return "always";
    }
    return "";
}

std::size_t step_of(Executor executor) {
    return static_cast<std::size_t>(std::ranges::find(kLadder, executor) - kLadder.begin());
}

ResponsePolicy::ResponsePolicy() : measures(ladder()) {}

ResponsePolicy ResponsePolicy::asking() {
    ResponsePolicy policy;
    for (Measure& measure : policy.measures) {
        measure.approval.asked = kAlways;
    }
    return policy;
}

Measure* ResponsePolicy::find(Executor executor) {
    const std::size_t step = step_of(executor);
    return step == kMeasureCount ? nullptr : &measures.at(step);
}

const Measure& ResponsePolicy::of(Executor executor) const {
    const std::size_t step = step_of(executor);
    PM_ASSERT(step < kMeasureCount);
    return measures.at(step);
}

remedy::ExecutorLimits ResponsePolicy::limits() const {
    remedy::ExecutorLimits limits = remedy::default_limits();
    for (const Measure& measure : measures) {
        remedy::Limits& of = limits.at(remedy::index_of(measure.executor));
        of.confidence_min = measure.confidence_min;
        of.needs_approval = measure.approval.asked == kAlways;
        of.unasked_max = measure.active_max;
    }
    return limits;
}

bool needs_approval(const ResponsePolicy& policy, const Measure& measure, const Judged& judged) {
    const auto asks = [&](const TargetRule& rule) {
        const bool is_meant =
            rule.executors.empty() ||
            std::ranges::find(rule.executors, measure.executor) != rule.executors.end();
        return is_meant && rule.approval.is_needed(judged.risk_tenths) && names(rule, judged);
    };
    return measure.approval.is_needed(judged.risk_tenths) ||
           std::ranges::any_of(policy.targets, asks);
}

Choice choose(const ResponsePolicy& policy, const Judged& judged, const Standing& standing) {
    Choice choice;
    const std::size_t act_from = step_after(standing.in_force);
    const std::size_t ask_from = std::max(act_from, step_after(standing.proposed));
    for (std::size_t step = std::min(standing.refused_from, kMeasureCount); step-- > act_from;) {
        const Measure& measure = policy.measures.at(step);
        if (!is_warranted(measure, judged)) {
            continue;
        }
        if (!needs_approval(policy, measure, judged)) {
            choice.act.push_back(&measure);
        } else if (choice.propose == nullptr && choice.act.empty() && step >= ask_from) {
            // What is gentler than what is done without asking, nobody need be asked for.
            choice.propose = &measure;
        }
    }
    return choice;
}

bool HourlyBudget::may(const Measure& measure, WallTime now) {
    std::deque<WallTime>& begun = begun_.at(step_of(measure.executor));
    while (!begun.empty() && begun.front().ns <= now.ns - kBudgetWindow.count()) {
        begun.pop_front();
    }
    return begun.size() < std::min(measure.per_hour_max, kMeasuresAnHourMax);
}

void HourlyBudget::spend(const Measure& measure, WallTime now) {
    begun_.at(step_of(measure.executor)).push_back(now);
}

}  // namespace phantom::respond
