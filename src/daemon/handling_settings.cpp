#include "daemon/handling_settings.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "daemon/json_fields.h"

namespace phantom::daemon {

namespace {

namespace json = boost::json;

// Thrown inside this file only: the way out of nested fields.
struct SettingsProblem {
    std::string text;
};

[[noreturn]] void refuse_setting(std::string_view at, std::string_view why) {
    throw SettingsProblem{fmt::format("{}: {}: {}", kHandlingFile, at, why)};
}

std::string text_setting(const json::value& value, const std::string& at) {
    if (!value.is_string() || value.get_string().empty()) {
        refuse_setting(at, "a text is needed");
    }
    return std::string(value.get_string());
}

Trigger read_trigger(const json::value& value, const std::string& at) {
    if (!value.is_object()) {
        refuse_setting(at, "an object is needed");
    }
    Trigger trigger;
    for (const auto& [key, field] : value.get_object()) {
        const std::string where = at + "." + std::string(key);
        if (key == "playbook") {
            trigger.playbook = text_setting(field, where);
        } else if (key == "technique") {
            trigger.technique = text_setting(field, where);
        } else if (key == "priority") {
            if (!field.is_int64() || field.get_int64() < 1 || field.get_int64() > 5) {
                refuse_setting(where, "1 to 5");
            }
            trigger.priority = static_cast<int>(field.get_int64());
        } else {
            refuse_setting(where, "there is no such setting");
        }
    }
    if (trigger.playbook.empty()) {
        refuse_setting(at, "\"playbook\" is missing");
    }
    return trigger;
}

const json::array& list_setting(const json::value& value, const std::string& at, std::size_t max) {
    if (!value.is_array() || value.get_array().size() > max) {
        refuse_setting(at, fmt::format("a list of at most {} is needed", max));
    }
    return value.get_array();
}

HandlingSettings read_settings(const json::object& of) {
    HandlingSettings settings;
    for (const auto& [key, value] : of) {
        const std::string at = "$." + std::string(key);
        if (key == "bash") {
            if (!value.is_bool()) {
                refuse_setting(at, "true or false");
            }
            settings.allows_bash = value.get_bool();
        } else if (key == "evidence_files") {
            for (const json::value& each : list_setting(value, at, kEvidenceFilesMax)) {
                settings.evidence_files.push_back(text_setting(each, at));
            }
        } else if (key == "triggers") {
            for (const json::value& each : list_setting(value, at, kTriggersMax)) {
                settings.triggers.push_back(
                    read_trigger(each, fmt::format("{}[{}]", at, settings.triggers.size()))
                );
            }
        } else {
            refuse_setting(at, "there is no such setting");
        }
    }
    return settings;
}

}  // namespace

bool Trigger::wants(int incident_priority, const std::vector<std::string>& techniques) const {
    const auto is_named = [&](const std::string& each) {
        return each == technique || each.starts_with(technique + ".");
    };
    return incident_priority <= priority &&
           (technique.empty() || std::ranges::any_of(techniques, is_named));
}

OrSentence<HandlingSettings> HandlingSettings::parse(std::string_view text) {
    boost::system::error_code error;
    const json::value value = json::parse(text, error);
    if (error || !value.is_object()) {
        return std::unexpected(fmt::format("{}: a JSON object is needed", kHandlingFile));
    }
    try {
        return read_settings(value.get_object());
    } catch (const SettingsProblem& problem) {
        return std::unexpected(problem.text);
    }
}

}  // namespace phantom::daemon
