#include "cli/defence.h"

#include <fmt/format.h>

#include "cli/output.h"
#include "cli/show.h"

namespace phantom::cli {

namespace {

namespace json = boost::json;

std::string shown(const json::object& of, const char* key) {
    return printable(std::string_view(of.at(key).as_string()));
}

std::uint64_t counted(const json::object& of, const char* key) {
    return of.at(key).to_number<std::uint64_t>();
}

std::string risk_text(const json::object& of) {
    const auto tenths = of.at("risk_tenths").to_number<int>();
    return fmt::format("{}.{}", tenths / 10, tenths % 10);
}

// Its name where it is a member, and its address.
std::string subject_text(const json::object& of) {
    const std::string name = shown(of, "subject_name");
    const std::string address = shown(of, "subject");
    return name.empty() ? address : name + " " + address;
}

std::string telling_sentences(const json::object& body) {
    const json::object& telling = body.at("telling").as_object();
    if (!telling.at("kept").as_bool() || !telling.at("config_read").as_bool()) {
        return "Nobody is told: 'phantom alerts' says why.\n";
    }
    std::string text = fmt::format(
        "Told as {} says: {} deliveries wait, {} given up, {} gave way; {} silences, {} "
        "escalations.\n",
        shown(telling, "config"), counted(telling, "waiting"), counted(telling, "dead_letters"),
        counted(telling, "shed"), counted(telling, "silences"), counted(telling, "escalations")
    );
    for (const auto& [name, value] : telling.at("channels").as_object()) {
        const json::object& channel = value.as_object();
        const auto count = [&](const char* key) {
            return channel.contains(key) ? counted(channel, key) : 0;
        };
        text += fmt::format(
            "  {}: {} delivered, {} wait, {} given up{}\n", printable(name), count("delivered"),
            count("waiting"), count("dead_letter"),
            channel.contains("held_until") ? ", held until " + shown(channel, "held_until") : ""
        );
    }
    return text;
}

// What is done of the node's own accord, the gentlest first.
std::string measure_lines(const json::object& body) {
    std::vector<std::vector<std::string>> rows{
        {"", "EXECUTOR", "CONFIDENCE", "RISK", "FOR", "ASKED", "AT ONCE", "AN HOUR"}
    };
    for (const json::value& each : body.at("measures").as_array()) {
        const json::object& measure = each.as_object();
        if (measure.at("use").as_bool()) {
            rows.push_back({
                "",
                shown(measure, "executor"),
                fmt::format("{:.2f}", measure.at("confidence").to_number<double>()),
                risk_text(measure),
                fmt::format("{} min", counted(measure, "for_s") / 60),
                shown(measure, "approve"),
                std::to_string(counted(measure, "active")),
                std::to_string(counted(measure, "per_hour")),
            });
        }
    }
    std::string text = show_table(rows);
    if (const auto count = body.at("targets").as_array().size(); count > 0) {
        text += fmt::format("Of {} targets somebody is asked beside that.\n", count);
    }
    if (const std::string problem = shown(body, "settings_problem"); !problem.empty()) {
        text += fmt::format("What was good before is in force, for {}\n", problem);
    }
    return text;
}

std::string defence_sentences(const json::object& body) {
    const std::string mode = shown(body, "mode");
    if (mode == "off") {
        return "Nobody looks at the packets inside the mesh. 'phantom defence watch' does.\n";
    }
    std::string text = mode == "act" ? "Attackers are told of and acted against:\n"
                                     : "Attackers are told of. 'phantom defence act' would act "
                                       "against them, too:\n";
    text += measure_lines(body);
    text += fmt::format(
        "{} packets looked at, {} dropped unseen; {} findings, {} dropped.\n",
        counted(body, "packets"), counted(body, "packets_dropped"), counted(body, "findings"),
        counted(body, "findings_dropped")
    );
    const std::uint64_t rules = counted(body, "rules");
    text += rules == 0 ? fmt::format(
                             "No signatures: put files NAME.rules into {} and say 'phantom "
                             "rules reload'.\n",
                             shown(body, "rules_folder")
                         )
                       : fmt::format(
                             "{} signatures in force, {} not understood.\n", rules,
                             counted(body, "rules_unusable")
                         );
    return text +
           fmt::format(
               "{} alerts, {} incidents.\n", counted(body, "alerts"), counted(body, "incidents")
           ) +
           telling_sentences(body);
}

std::string incident_table(const json::object& body) {
    const json::array& incidents = body.at("incidents").as_array();
    if (incidents.empty()) {
        return "There are no incidents.\n";
    }
    std::vector<std::vector<std::string>> rows{
        {"NUMBER", "PRIORITY", "RISK", "STATE", "OPENED", "ALERTS", "SUBJECT", "WHAT"}
    };
    for (const json::value& each : incidents) {
        const json::object& incident = each.as_object();
        rows.push_back({
            std::to_string(counted(incident, "number")),
            fmt::format("P{}", counted(incident, "priority")),
            risk_text(incident),
            shown(incident, "state"),
            shown(incident.at("times").as_object(), "opened"),
            std::to_string(incident.at("alerts").as_array().size()),
            subject_text(incident),
            shown(incident, "title"),
        });
    }
    return show_table(rows);
}

std::string incident_story(const json::object& body) {
    const std::string text = fmt::format(
        "Incident {}: {}\n{}, risk {}, P{}, {}\n\n", counted(body, "number"), shown(body, "title"),
        subject_text(body), risk_text(body), counted(body, "priority"), shown(body, "state")
    );
    std::vector<std::vector<std::string>> rows{{"WHEN", "SOURCE", "WHAT"}};
    for (const json::value& each : body.at("timeline").as_array()) {
        const json::object& entry = each.as_object();
        rows.push_back({shown(entry, "at"), shown(entry, "source"), shown(entry, "text")});
    }
    return text + show_table(rows);
}

}  // namespace

int show_defence(const Places& places, const DefenceArguments& arguments, bool as_json) {
    return tell(
        ask(places, {{"verb", "defence"}, {"mode", arguments.mode}}), as_json, defence_sentences
    );
}

int show_incidents(const Places& places, const DefenceArguments& arguments, bool as_json) {
    if (arguments.number == 0) {
        return tell(ask(places, {{"verb", "incidents"}}), as_json, incident_table);
    }
    if (arguments.close || arguments.false_positive) {
        const Answer answer =
            ask(places, {{"verb", "incident.close"},
                         {"number", arguments.number},
                         {"false_positive", arguments.false_positive}});
        return tell(answer, as_json, [&](const json::object& body) {
            return fmt::format(
                "Incident {} is over: {}. 'phantom incidents {} --post-mortem' tells its story.\n",
                arguments.number, shown(body, "state"), arguments.number
            );
        });
    }
    if (arguments.post_mortem) {
        const Answer answer =
            ask(places, {{"verb", "incident.post_mortem"}, {"number", arguments.number}});
        return tell(answer, as_json, [](const json::object& body) {
            return std::string(body.at("markdown").as_string());
        });
    }
    return tell(
        ask(places, {{"verb", "incidents"}, {"number", arguments.number}}), as_json, incident_story
    );
}

}  // namespace phantom::cli
