#include "cli/scenarios.h"

#include <algorithm>
#include <cstdio>
#include <optional>

#include <fmt/format.h>

#include "base/clock.h"
#include "cli/client.h"
#include "cli/log_file.h"
#include "cli/output.h"
#include "intake/rules.h"
#include "scenario/scenario.h"

namespace phantom::cli {

namespace {

void say(const std::string& text) {
    std::fputs((text + "\n").c_str(), stderr);
}

void say_what_is_in_force(const scenario::Engine& engine) {
    for (const scenario::Unusable& each : engine.unusable()) {
        say(scenario::printable(
            fmt::format("{}:{}: {}: {}", each.file, each.line, each.name, each.reason)
        ));
    }
    say(fmt::format(
        "phantom: {} parsers and {} scenarios are in force, {} are not", engine.parser_count(),
        engine.scenario_count(), engine.unusable().size()
    ));
}

void say_what_was_read(const scenario::Engine::Counts& counts) {
    std::string text = fmt::format(
        "phantom: {} lines, {} parsed, {} whitelisted", counts.lines, counts.parsed,
        counts.whitelisted
    );
    const auto add = [&text](std::uint64_t count, std::string_view what) {
        if (count != 0) {
            text += fmt::format(", {} {}", count, what);
        }
    };
    add(counts.without_time, "without a time");
    add(counts.too_long, "too long");
    add(counts.given_up, "searches given up");
    add(counts.let_go, "buckets let go");
    say(text);
}

void show(const scenario::Overflow& overflow, bool as_json) {
    if (as_json) {
        print(overflow.to_json());
        return;
    }
    std::string about;
    for (const scenario::OverflowSource& each : overflow.sources) {
        about += fmt::format("{}{} {}", about.empty() ? "" : ", ", each.scope, each.value);
    }
    print(
        scenario::printable(fmt::format(
            "{:<30}  {:<44}  {:>6}  {}", overflow.stop_at, overflow.scenario, overflow.events_count,
            about
        )) +
        "\n"
    );
}

std::optional<scenario::Source> source_of(const ScenarioArguments& arguments) {
    scenario::Source source{
        .path = arguments.log, .module = arguments.module, .type = arguments.type, .labels = {}
    };
    for (const std::string& each : arguments.labels) {
        const std::size_t equals = each.find('=');
        if (equals == std::string::npos || equals == 0) {
            say(fmt::format("phantom: --label {}: write NAME=VALUE", each));
            return std::nullopt;
        }
        source.labels.emplace_back(each.substr(0, equals), each.substr(equals + 1));
    }
    return source;
}

int replay_log(scenario::Engine& engine, const ScenarioArguments& arguments) {
    LogFile log(arguments.log);
    if (!log.is_open()) {
        say(fmt::format("phantom: {} cannot be opened", arguments.log));
        return static_cast<int>(Exit::kFailed);
    }
    if (!arguments.as_json) {
        print(fmt::format("{:<30}  {:<44}  {:>6}  {}\n", "WHEN", "SCENARIO", "EVENTS", "ABOUT"));
    }
    std::string line;
    while (log.next(line)) {
        const auto said = engine.line(line);
        if (arguments.with_events && arguments.as_json && !engine.newest().is_null()) {
            print(scenario::event_json(engine.newest()));
        }
        for (const scenario::Overflow& each : said) {
            show(each, arguments.as_json);
        }
    }
    for (const scenario::Overflow& each : engine.end()) {
        show(each, arguments.as_json);
    }
    say_what_was_read(engine.counts());
    return static_cast<int>(log.has_failed() ? Exit::kFailed : Exit::kOk);
}

}  // namespace

int replay_scenarios(const ScenarioArguments& arguments) {
    const auto source = source_of(arguments);
    if (!source || (arguments.type.empty() && !arguments.check)) {
        if (source) {
            say("phantom: --type says what the log is: syslog, nginx ...");
        }
        return static_cast<int>(Exit::kUsage);
    }
    const auto now = std::chrono::duration_cast<std::chrono::nanoseconds>(
        std::chrono::system_clock::now().time_since_epoch()
    );
    scenario::Engine engine(
        {.source = *source,
         .year = scenario::civil_time(now.count()).year,
         .now = {.ns = now.count()}}
    );
    if (const auto troubles = intake::load_scenarios(arguments.places, engine); !troubles.empty()) {
        for (const std::string& each : troubles) {
            say("phantom: " + scenario::printable(each));
        }
        return static_cast<int>(Exit::kFailed);
    }
    say_what_is_in_force(engine);
    if (arguments.check || arguments.log.empty()) {
        return static_cast<int>(engine.unusable().empty() ? Exit::kOk : Exit::kFailed);
    }
    return replay_log(engine, arguments);
}

}  // namespace phantom::cli
