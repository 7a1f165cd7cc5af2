#include "incident/post_mortem.h"

#include <fmt/format.h>

#include "incident/record.h"

namespace phantom::incident {

namespace {

std::string time_between(WallTime from, WallTime to) {
    if (from.ns == 0 || to.ns == 0) {
        return "-";
    }
    const double seconds = static_cast<double>(to.ns - from.ns) / 1e9;
    if (seconds < 1) {
        return fmt::format("{:.0f} ms", seconds * 1e3);
    }
    return seconds < 600 ? fmt::format("{:.1f} s", seconds)
                         : fmt::format("{:.0f} min", seconds / 60);
}

std::string markdown_safe(std::string_view text) {
    std::string safe;
    for (const char each : text) {
        if (std::string_view("\\`*_{}[]<>#|").find(each) != std::string_view::npos) {
            safe += '\\';
        }
        safe += each;
    }
    return safe;
}

std::string or_dash(const std::string& text) {
    return text.empty() ? "-" : text;
}

std::string summary_of(const Incident& incident) {
    const std::string who =
        incident.subject_name.empty()
            ? incident.subject.to_string()
            : fmt::format(
                  "{} ({})", markdown_safe(incident.subject_name), incident.subject.to_string()
              );
    return fmt::format(
        "# Incident {}: {}\n\n"
        "Subject {}; risk {:.1f} of 10, P{}; {} alerts, {} actions; state {}.\n\n",
        incident.number, markdown_safe(incident.title), who, incident.risk_tenths / 10.0,
        incident.priority, incident.alerts.size(), incident.actions.size(), name_of(incident.state)
    );
}

std::string times_of(const Incident& incident) {
    return fmt::format(
        "## Measured times\n\n"
        "| from | to | took |\n|---|---|---|\n"
        "| first seen, {} | detected | {} |\n"
        "| detected, {} | acknowledged | {} |\n"
        "| detected | contained | {} |\n"
        "| detected | recovered | {} |\n"
        "| detected | closed | {} |\n\n",
        or_dash(time_text(incident.first_seen)), time_between(incident.first_seen, incident.opened),
        or_dash(time_text(incident.opened)), time_between(incident.opened, incident.acknowledged),
        time_between(incident.opened, incident.contained),
        time_between(incident.opened, incident.recovered),
        time_between(incident.opened, incident.closed)
    );
}

std::string timeline_of(const Incident& incident) {
    std::string text = "## Timeline\n\n| when | source | what |\n|---|---|---|\n";
    for (const TimelineEntry& entry : incident.timeline) {
        text += fmt::format(
            "| {} | {} | {} |\n", time_text(entry.at), entry.source, markdown_safe(entry.text)
        );
    }
    if (incident.not_kept > 0) {
        text += fmt::format("\n{} later entries were counted, not kept.\n", incident.not_kept);
    }
    return text + "\n";
}

std::string actions_of(const Incident& incident, const ActionOutcomes& outcomes) {
    std::string text = "## Actions\n\n";
    if (incident.actions.empty()) {
        return text + "None was taken.\n\n";
    }
    text += "| action | now |\n|---|---|\n";
    for (const std::uint64_t number : incident.actions) {
        const auto found = outcomes.find(number);
        text += fmt::format(
            "| {} | {} |\n", number,
            found == outcomes.end() ? "taken back, or ended by itself"
                                    : markdown_safe(found->second)
        );
    }
    return text + "\n";
}

std::string lines_of(const char* title, const std::vector<std::string>& lines, const char* none) {
    std::string text = fmt::format("## {}\n\n", title);
    for (const std::string& each : lines) {
        text += fmt::format("- {}\n", markdown_safe(each));
    }
    return text + (lines.empty() ? fmt::format("{}\n\n", none) : "\n");
}

std::string techniques_of(const Incident& incident, const Surroundings& known) {
    std::string text = "## Techniques\n\n";
    if (incident.techniques.empty()) {
        return text + "None is known.\n\n";
    }
    text += "| MITRE ATT&CK | tactics |\n|---|---|\n";
    for (const std::string& each : incident.techniques) {
        const auto tactics = known.tactics.find(each);
        text += fmt::format(
            "| {} | {} |\n", markdown_safe(each),
            tactics == known.tactics.end() || tactics->second.empty() ? "-" : tactics->second
        );
    }
    return text + "\n";
}

// Whether the first judgement was right, as far as it is known.
const char* verdict_of(const Incident& incident) {
    return incident.state == State::kFalsePositive ? "it was none"
           : incident.state == State::kClosed      ? "it was one"
                                                   : "not said yet";
}

boost::json::value seconds_between(WallTime from, WallTime to) {
    if (from.ns == 0 || to.ns == 0) {
        return nullptr;
    }
    return static_cast<double>(to.ns - from.ns) / 1e9;
}

}  // namespace

std::string post_mortem(const Incident& incident, const Surroundings& known) {
    const double p = incident.first_confidence;
    std::string calibration = fmt::format(
        "## The first judgement\n\nConfidence {:.2f} when it was opened. Was it an attack? {}.", p,
        verdict_of(incident)
    );
    if (!incident.is_open()) {
        const double outcome = incident.state == State::kFalsePositive ? 0 : 1;
        calibration += fmt::format(" Squared error {:.3f}.", (p - outcome) * (p - outcome));
    }
    return summary_of(incident) + times_of(incident) + timeline_of(incident) +
           actions_of(incident, known.outcomes) +
           lines_of("Playbooks", known.playbooks, "None was run.") +
           lines_of("Evidence", known.evidence, "None was collected.") +
           (known.evidence_head.empty()
                ? ""
                : fmt::format("Head of its chain: {}\n\n", known.evidence_head)) +
           techniques_of(incident, known) + calibration +
           "\n\n## For people to fill in\n\n- Root cause:\n- What should have been seen sooner:\n"
           "- Follow-ups:\n";
}

boost::json::object post_mortem_record(const Incident& incident, const Surroundings& known) {
    boost::json::object actions;
    for (const std::uint64_t number : incident.actions) {
        const auto found = known.outcomes.find(number);
        actions[std::to_string(number)] =
            found == known.outcomes.end() ? "taken back, or ended by itself" : found->second;
    }
    boost::json::object tactics;
    for (const auto& [technique, names] : known.tactics) {
        tactics[technique] = names;
    }
    return {
        {"schema", "phantom.post_mortem_record/1"},
        {"incident", to_json(incident)},
        {"seconds",
         {{"seen_to_detected", seconds_between(incident.first_seen, incident.opened)},
          {"detected_to_acknowledged", seconds_between(incident.opened, incident.acknowledged)},
          {"detected_to_contained", seconds_between(incident.opened, incident.contained)},
          {"detected_to_recovered", seconds_between(incident.opened, incident.recovered)},
          {"detected_to_closed", seconds_between(incident.opened, incident.closed)}}},
        {"actions", std::move(actions)},
        {"techniques", std::move(tactics)},
        {"evidence", boost::json::value_from(known.evidence)},
        {"evidence_head", known.evidence_head},
        {"playbooks", boost::json::value_from(known.playbooks)},
        {"first_confidence", incident.first_confidence},
        {"verdict", verdict_of(incident)},
    };
}

}  // namespace phantom::incident
