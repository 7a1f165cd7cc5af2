#include "cli/sigma.h"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "cli/client.h"
#include "cli/log_file.h"
#include "cli/output.h"
#include "intake/rules.h"
#include "scenario/sigma_log.h"

namespace phantom::cli {

namespace {

void remark(const std::string& text) {
    std::fputs((scenario::printable(text) + "\n").c_str(), stderr);
}

void remark_on_rules(const scenario::SigmaRules& rules) {
    for (const scenario::Unusable& each : rules.unusable()) {
        remark(fmt::format("{}:{}: {}: {}", each.file, each.line, each.name, each.reason));
    }
    remark(fmt::format(
        "phantom: {} Sigma rules are in force, {} are not", rules.entries().size(),
        rules.unusable().size()
    ));
}

// --label category=... says what the log is to rules; none where it says something else.
std::optional<scenario::LogSource> labelled_source(const ScenarioArguments& arguments) {
    scenario::LogSource source;
    for (const std::string& each : arguments.labels) {
        const std::size_t equals = std::min(each.find('='), each.size());
        const std::string name = each.substr(0, equals);
        const std::string value = each.substr(std::min(equals + 1, each.size()));
        if (name == "category") {
            source.category = value;
        } else if (name == "product") {
            source.product = value;
        } else if (name == "service") {
            source.service = value;
        } else {
            return std::nullopt;
        }
    }
    return source;
}

void show_hit(const scenario::SigmaRules::Entry& entry, const scenario::SigmaRecord& record) {
    print(
        scenario::printable(fmt::format(
            "{:<13}  {:<9}  {:<60}  {}", scenario::name_of(entry.rule.level),
            entry.rule.technique(), entry.rule.title, record.line.value
        )) +
        "\n"
    );
}

int replay(
    scenario::SigmaRules& rules, scenario::SigmaLog& log, const ScenarioArguments& arguments
) {
    LogFile file(arguments.log);
    if (!file.is_open()) {
        remark(fmt::format("phantom: {} cannot be opened", arguments.log));
        return static_cast<int>(Exit::kFailed);
    }
    if (!arguments.as_json) {
        print(fmt::format("{:<13}  {:<9}  {:<60}  {}\n", "LEVEL", "TECHNIQUE", "RULE", "LINE"));
    }
    std::uint64_t lines = 0;
    std::uint64_t understood = 0;
    std::uint64_t hits = 0;
    std::string line;
    while (file.next(line)) {
        ++lines;
        std::set<const scenario::SigmaRules::Entry*> told;  // once a line, however it is looked at
        const auto records = log.read(line);
        understood += records.empty() ? 0 : 1;
        for (const scenario::SigmaRecord& record : records) {
            for (const scenario::SigmaRules::Entry* each : rules.held_against(record)) {
                if (!told.insert(each).second) {
                    continue;
                }
                ++hits;
                if (arguments.as_json) {
                    print(scenario::sigma_json(*each, record));
                } else {
                    show_hit(*each, record);
                }
            }
        }
    }
    remark(fmt::format("phantom: {} lines, {} understood, {} hits", lines, understood, hits));
    return static_cast<int>(file.has_failed() ? Exit::kFailed : Exit::kOk);
}

}  // namespace

int replay_sigma(const ScenarioArguments& arguments) {
    const auto source = labelled_source(arguments);
    if (!source) {
        remark("phantom: --label: Sigma's rules ask for category, product and service");
        return static_cast<int>(Exit::kUsage);
    }
    const auto& types = scenario::SigmaLog::types();
    const bool is_known = std::ranges::find(types, arguments.type) != types.end();
    if (!arguments.check && !arguments.log.empty() && !is_known) {
        remark(fmt::format("phantom: --type says what the log is: {}", fmt::join(types, ", ")));
        return static_cast<int>(Exit::kUsage);
    }
    scenario::SigmaRules rules;
    if (const auto troubles = intake::load_sigma(arguments.places, rules); !troubles.empty()) {
        for (const std::string& each : troubles) {
            remark("phantom: " + each);
        }
        return static_cast<int>(Exit::kFailed);
    }
    remark_on_rules(rules);
    if (arguments.check || arguments.log.empty()) {
        return static_cast<int>(rules.unusable().empty() ? Exit::kOk : Exit::kFailed);
    }
    scenario::SigmaLog log({.type = arguments.type, .source = *source});
    return replay(rules, log, arguments);
}

}  // namespace phantom::cli
