#include "daemon/action_settings.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "daemon/settings_value.h"
#include "identity/types.h"

namespace phantom::daemon {

namespace {

using policy::Value;
using remedy::Executor;
using respond::Approval;
using respond::Measure;

constexpr std::string_view kAbove = "above ";
constexpr double kRiskLeast = 1;
constexpr double kRiskMost = 10;
constexpr Duration kMeasureShortest = std::chrono::seconds(10);

int tenths(double risk) {
    return static_cast<int>(std::lround(risk * 10));
}

// "never", "always", "above 7.5".
Approval approval_setting(const Value& value) {
    const std::string text = text_setting(value);
    if (text == "never") {
        return {.asked = Approval::Asked::kNever};
    }
    if (text == "always") {
        return {.asked = Approval::Asked::kAlways};
    }
    if (text.starts_with(kAbove)) {
        double risk = 0;
        const char* const begin = text.data() + kAbove.size();
        const char* const end = text.data() + text.size();
        const auto [stopped, error] = std::from_chars(begin, end, risk);
        if (error == std::errc() && stopped == end && risk >= kRiskLeast && risk <= kRiskMost) {
            return {.asked = Approval::Asked::kAbove, .above_tenths = tenths(risk)};
        }
    }
    refuse_setting(
        value.at, "\"never\", \"always\" or \"above RISK\" is needed, with a risk from 1 to 10"
    );
}

std::uint32_t rate_setting(const Value& value) {
    const std::string text = text_setting(value);
    constexpr std::array<std::string_view, 3> kNames{"100k", "1M", "10M"};
    static_assert(kNames.size() == remedy::kRates.size());
    for (std::size_t index = 0; index < kNames.size(); ++index) {
        if (text == kNames.at(index)) {
            return remedy::kRates.at(index);
        }
    }
    refuse_setting(value.at, "\"100k\", \"1M\" or \"10M\" bytes a second is needed");
}

void read_measure(const Value& value, Measure& measure) {
    for (const Value& each : object_setting(value)) {
        if (each.key == "use") {
            measure.is_used = bool_setting(each);
        } else if (each.key == "approve") {
            measure.approval = approval_setting(each);
        } else if (each.key == "confidence") {
            measure.confidence_min = number_setting(each, respond::kConfidenceLeast, 1);
        } else if (each.key == "risk") {
            measure.risk_tenths_min = tenths(number_setting(each, kRiskLeast, kRiskMost));
        } else if (each.key == "for") {
            measure.duration = duration_setting(each, kMeasureShortest, respond::kMeasureLongest);
        } else if (each.key == "active") {
            measure.active_max = count_setting(each, 0, respond::kMeasuresAnHourMax);
        } else if (each.key == "per_hour") {
            measure.per_hour_max = count_setting(each, 0, respond::kMeasuresAnHourMax);
        } else if (each.key == "rate" && measure.executor == Executor::kRateLimit) {
            measure.rate = rate_setting(each);
        } else {
            refuse_key(each);
        }
    }
}

Measure* measure_named(std::string_view name, respond::ResponsePolicy& policy) {
    const auto found = std::ranges::find_if(policy.measures, [&](const Measure& each) {
        return name == remedy::name_of(each.executor);
    });
    return found == policy.measures.end() ? nullptr : &*found;
}

constexpr const char* kNoSuchExecutor =
    "rate-limit, firewall, isolation, tunnel or credential is needed: nothing else is done unasked";

respond::TargetRule read_target(const Value& value, respond::ResponsePolicy& policy) {
    respond::TargetRule rule;
    bool has_target = false;
    bool has_approval = false;
    for (const Value& each : object_setting(value)) {
        if (each.key == "target") {
            has_target = true;
            const std::string text = text_setting(each);
            if (const auto prefix = wire::Prefix::parse(text)) {
                rule.whom = *prefix;
            } else if (identity::Label::parse(text)) {
                rule.whom = text;
            } else {
                refuse_setting(each.at, "an address, a prefix or the name of a member is needed");
            }
        } else if (each.key == "approve") {
            has_approval = true;
            rule.approval = approval_setting(each);
        } else if (each.key == "executors") {
            for (const Value& name : list_setting(each, respond::kMeasureCount)) {
                const Measure* measure = measure_named(text_setting(name), policy);
                if (measure == nullptr) {
                    refuse_setting(name.at, kNoSuchExecutor);
                }
                rule.executors.push_back(measure->executor);
            }
        } else {
            refuse_key(each);
        }
    }
    if (!has_target || !has_approval) {
        refuse_setting(value.at, "\"target\" and \"approve\" are needed");
    }
    return rule;
}

}  // namespace

void read_actions(const Value& value, respond::ResponsePolicy& policy) {
    for (const Value& each : object_setting(value)) {
        Measure* measure = measure_named(each.key, policy);
        if (measure == nullptr) {
            refuse_setting(each.key_at, kNoSuchExecutor);
        }
        read_measure(each, *measure);
    }
}

void read_targets(const Value& value, respond::ResponsePolicy& policy) {
    for (const Value& each : list_setting(value, respond::kTargetRulesMax)) {
        policy.targets.push_back(read_target(each, policy));
    }
}

}  // namespace phantom::daemon
