#include "daemon/handling_settings.h"

#include <algorithm>

#include <fmt/format.h>

#include "daemon/action_settings.h"
#include "daemon/settings_value.h"

namespace phantom::daemon {

namespace {

using policy::Value;

constexpr std::size_t kPriorityMax = 5;

Trigger read_trigger(const Value& value) {
    Trigger trigger;
    for (const Value& each : object_setting(value)) {
        if (each.key == "playbook") {
            trigger.playbook = text_setting(each);
        } else if (each.key == "technique") {
            trigger.technique = text_setting(each);
        } else if (each.key == "priority") {
            trigger.priority = static_cast<int>(count_setting(each, 1, kPriorityMax));
        } else {
            refuse_key(each);
        }
    }
    if (trigger.playbook.empty()) {
        refuse_setting(value.at, "\"playbook\" is missing");
    }
    return trigger;
}

HandlingSettings read_settings(const Value& root) {
    HandlingSettings settings;
    for (const Value& each : object_setting(root)) {
        if (each.key == "bash") {
            settings.allows_bash = bool_setting(each);
        } else if (each.key == "evidence_files") {
            for (const Value& file : list_setting(each, kEvidenceFilesMax)) {
                settings.evidence_files.push_back(text_setting(file));
            }
        } else if (each.key == "triggers") {
            for (const Value& trigger : list_setting(each, kTriggersMax)) {
                settings.triggers.push_back(read_trigger(trigger));
            }
        } else if (each.key == "actions") {
            read_actions(each, settings.response);
        } else if (each.key == "targets") {
            read_targets(each, settings.response);
        } else {
            refuse_key(each);
        }
    }
    return settings;
}

std::string sentence_of(const policy::Problem& problem) {
    return fmt::format(
        "{}:{}:{}: {}", kHandlingFile, problem.at.line, problem.at.column, problem.text
    );
}

}  // namespace

bool Trigger::wants(int incident_priority, const std::set<std::string>& techniques) const {
    const auto is_named = [&](const std::string& each) {
        return each == technique || each.starts_with(technique + ".");
    };
    return incident_priority <= priority &&
           (technique.empty() || std::ranges::any_of(techniques, is_named));
}

std::vector<std::string> HandlingSettings::due(
    const std::vector<Trigger>& triggers, const incident::Incident& incident
) {
    std::vector<std::string> names;
    for (const Trigger& trigger : triggers) {
        if (incident.is_open() && incident.playbooks.size() < incident::kPlaybooksMax &&
            !incident.playbooks.contains(trigger.playbook) &&
            std::ranges::find(names, trigger.playbook) == names.end() &&
            trigger.wants(incident.priority, incident.techniques)) {
            names.push_back(trigger.playbook);
        }
    }
    return names;
}

OrSentence<HandlingSettings> HandlingSettings::parse(std::string_view text) {
    const auto root = policy::parse_hujson(text);
    if (!root) {
        return std::unexpected(sentence_of(root.error()));
    }
    try {
        return read_settings(*root);
    } catch (const policy::Problem& problem) {
        return std::unexpected(sentence_of(problem));
    }
}

}  // namespace phantom::daemon
