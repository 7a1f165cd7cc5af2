#include "cli/rules.h"

#include <chrono>
#include <thread>

#include <fmt/format.h>

#include "cli/output.h"
#include "cli/show.h"

namespace phantom::cli {

namespace {

namespace json = boost::json;

constexpr std::chrono::seconds kRulesPatience(120);  // the largest public sets take some 20 s
constexpr std::chrono::milliseconds kRulesPoll(50);

std::string rule_text(const json::object& of, const char* key) {
    return of.at(key).is_null() ? "-" : printable(std::string_view(of.at(key).as_string()));
}

std::uint64_t rule_number(const json::object& of, const char* key) {
    return of.at(key).to_number<std::uint64_t>();
}

std::string rule_file_state(const json::object& file) {
    const std::string source = rule_text(file, "source");
    const std::string problem = rule_text(file, "problem");
    const std::string state = source == "none" ? "not in force" : source;
    return problem.empty() ? state : state + ": " + problem;
}

// What is told of a file beside its row.
std::string refusals_of(const json::object& file) {
    std::string text;
    const json::array& refusals = file.at("refusals").as_array();
    for (const json::value& value : refusals) {
        const json::object& each = value.as_object();
        text += fmt::format(
            "{}:{}: sid {}: {}: {}\n", rule_text(file, "name"), rule_number(each, "line"),
            rule_number(each, "sid"), rule_text(each, "keyword"), rule_text(each, "reason")
        );
    }
    const std::uint64_t unusable = rule_number(file, "unusable");
    if (unusable > refusals.size() && !refusals.empty()) {
        text += fmt::format(
            "{}: and {} more; 'phantom rules check' lists them\n", rule_text(file, "name"),
            unusable - refusals.size()
        );
    }
    return text;
}

std::string rule_table(const json::object& body) {
    if (!body.at("wanted").as_bool()) {
        return "Nobody looks at the packets inside the mesh. 'phantom defence watch' does.\n";
    }
    const std::string problem = rule_text(body, "problem");
    const std::string text = problem.empty() ? "" : problem + "\n";
    const json::array& files = body.at("files").as_array();
    if (files.empty()) {
        return text +
               fmt::format(
                   "There are no rules: put files NAME.rules into {}. docs/detection.md says "
                   "which are understood.\n",
                   rule_text(body, "folder")
               );
    }
    std::vector<std::vector<std::string>> rows{{"FILE", "USABLE", "UNUSABLE", "LOADED", "STATE"}};
    std::string refusals;
    for (const json::value& value : files) {
        const json::object& file = value.as_object();
        rows.push_back({
            rule_text(file, "name"),
            std::to_string(rule_number(file, "usable")),
            std::to_string(rule_number(file, "unusable")),
            rule_text(file, "loaded"),
            rule_file_state(file),
        });
        refusals += refusals_of(file);
    }
    return text + show_table(rows) +
           fmt::format(
               "{} rules are in force, {} are not. Read in {} ms, at {}.\n",
               rule_number(body, "in_force"), rule_number(body, "unusable"),
               rule_number(body, "load_ms"), rule_text(body, "loaded")
           ) +
           refusals;
}

bool has_rule_problem(const json::object& body) {
    bool found = !rule_text(body, "problem").empty();
    for (const json::value& each : body.at("files").as_array()) {
        found = found || !rule_text(each.as_object(), "problem").empty();
    }
    return found;
}

}  // namespace

int list_rules(const Places& places, bool as_json) {
    return tell(ask(places, {{"verb", "rules"}}), as_json, rule_table);
}

int reload_rules(const Places& places, bool as_json) {
    Answer answer = ask(places, {{"verb", "rules.reload"}});
    if (answer.exit != Exit::kOk) {
        return fail_with(answer);
    }
    const std::uint64_t request = rule_number(answer.body, "request");
    const auto end = std::chrono::steady_clock::now() + kRulesPatience;
    do {
        std::this_thread::sleep_for(kRulesPoll);
        answer = ask(places, {{"verb", "rules"}});
    } while (answer.exit == Exit::kOk && rule_number(answer.body, "served") < request &&
             std::chrono::steady_clock::now() < end);
    const int status = tell(answer, as_json, rule_table);
    return status == 0 && has_rule_problem(answer.body) ? static_cast<int>(Exit::kFailed) : status;
}

}  // namespace phantom::cli
