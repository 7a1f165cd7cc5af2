#include "assess/rule_words.h"

#include <algorithm>
#include <array>
#include <utility>

namespace phantom::assess {

namespace {

constexpr std::array<std::pair<std::string_view, double>, 4> kSeverities{{
    {"Critical", 9},
    {"Major", 7.5},
    {"Minor", 5},
    {"Informational", 2.5},
}};
constexpr std::array kByPriority{7.5, 7.5, 5.0, 3.0};
constexpr double kLeastUrgent = 2;
constexpr double kNobodySays = 5;

// A rule that drops was written to be believed.
constexpr double kLlrOfDrop = 8;

}  // namespace

double severity_of(const RuleWords& rule) {
    const auto* const said =
        std::ranges::find(kSeverities, rule.severity, &std::pair<std::string_view, double>::first);
    if (said != kSeverities.end()) {
        return said->second;
    }
    if (!rule.priority) {
        return kNobodySays;
    }
    return *rule.priority < kByPriority.size() ? kByPriority.at(*rule.priority) : kLeastUrgent;
}

double llr_of(const RuleWords& rule) {
    if (rule.drops) {
        return kLlrOfDrop;
    }
    const double base = rule.confidence == "High" ? 6 : rule.confidence == "Low" ? 2 : 4;
    if (!rule.priority || *rule.priority == 2) {
        return base;
    }
    return *rule.priority < 2 ? base + 0.5 : base - 1;
}

}  // namespace phantom::assess
