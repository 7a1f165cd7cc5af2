#include "alert/inhibitor.h"

#include <fmt/format.h>

namespace phantom::alert {

namespace {

// Led by their sizes, as any byte may be in a value.
std::string shared_values(const InhibitRule& rule, const Labels& labels) {
    std::string values;
    for (const std::string& name : rule.equal) {
        const std::string_view value = labels.value_of(name);
        values += fmt::format("{}:{}", value.size(), value);
    }
    return values;
}

}  // namespace

void Inhibitor::begin(const Alert& alert) {
    for (std::size_t index = 0; index < rules_.size(); ++index) {
        const InhibitRule& rule = rules_[index];
        if (!match_all(rule.source, alert.labels)) {
            continue;
        }
        Sources& sources = sources_[index][shared_values(rule, alert.labels)];
        sources.all.insert(alert.fingerprint);
        if (!match_all(rule.target, alert.labels)) {
            sources.no_targets.insert(alert.fingerprint);
        }
    }
}

void Inhibitor::end(const Alert& alert) {
    for (std::size_t index = 0; index < rules_.size(); ++index) {
        const auto found = sources_[index].find(shared_values(rules_[index], alert.labels));
        if (found == sources_[index].end()) {
            continue;
        }
        found->second.all.erase(alert.fingerprint);
        found->second.no_targets.erase(alert.fingerprint);
        if (found->second.all.empty()) {
            sources_[index].erase(found);
        }
    }
}

bool Inhibitor::is_inhibited(const Alert& alert) const {
    for (std::size_t index = 0; index < rules_.size(); ++index) {
        const InhibitRule& rule = rules_[index];
        if (!match_all(rule.target, alert.labels)) {
            continue;
        }
        const auto found = sources_[index].find(shared_values(rule, alert.labels));
        if (found == sources_[index].end()) {
            continue;
        }
        const bool is_source = match_all(rule.source, alert.labels);
        if (is_source ? !found->second.no_targets.empty() : !found->second.all.empty()) {
            return true;
        }
    }
    return false;
}

}  // namespace phantom::alert
