// Scenarios and Sigma's rules: lines a second of a log of sshd, with all public parsers, scenarios and rules.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include <benchmark/benchmark.h>

#include "scenario/scenario.h"
#include "scenario/sigma.h"
#include "scenario/sigma_log.h"

namespace phantom::scenario {
namespace {

namespace fs = std::filesystem;

fs::path threat_folder(const char* name) {
    const char* const data =
        std::getenv("PHANTOM_DATA");  // NOLINT(concurrency-mt-unsafe): one thread
    return fs::path(data == nullptr ? "../shared/data" : data) / "threat" / name;
}

// Each YAML file below a folder of the data.
template <class Add>
void each_yaml(const fs::path& folder, Add add) {
    std::error_code error;
    for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end;
         at.increment(error)) {
        const std::string extension = at->path().extension().string();
        if (extension == ".yaml" || extension == ".yml") {
            std::ifstream file(at->path(), std::ios::binary);
            add(at->path().string(), std::string(std::istreambuf_iterator<char>(file), {}));
        }
    }
}

// Nobody guesses often enough to make a bucket speak with each line.
std::vector<std::string> lines_of_sshd() {
    std::vector<std::string> lines;
    for (unsigned number = 0; number < 1'000; ++number) {
        const std::string address =
            "203.0." + std::to_string(number / 200) + "." + std::to_string(number % 200);
        lines.push_back(
            "Nov  9 10:" + std::to_string(10 + number / 60 % 50) + ":" +
            std::to_string(10 + number % 50) + " amber sshd[" + std::to_string(number) +
            "]: Failed password for invalid user admin from " + address + " port 40022 ssh2"
        );
    }
    return lines;
}

void scenario_lines(benchmark::State& state) {
    Engine engine(
        {.source = {.path = "auth.log", .type = "syslog", .labels = {}}, .year = 2026, .now = {}}
    );
    for (const char* part : {"crowdsec/parsers", "crowdsec/scenarios"}) {
        each_yaml(threat_folder(part), [&](const std::string& name, const std::string& text) {
            engine.add(name, text);
        });
    }
    if (engine.scenario_count() == 0) {
        state.SkipWithError("no scenarios: set PHANTOM_DATA");
        return;
    }
    const auto lines = lines_of_sshd();
    std::size_t at = 0;
    for (auto _ : state) {
        benchmark::DoNotOptimize(engine.line(lines[at]));
        at = at + 1 == lines.size() ? 0 : at + 1;
    }
    state.SetItemsProcessed(state.iterations());
    state.counters["scenarios"] = static_cast<double>(engine.scenario_count());
}
BENCHMARK(scenario_lines)->Unit(benchmark::kMicrosecond);

void sigma_lines(benchmark::State& state) {
    SigmaRules rules;
    each_yaml(threat_folder("sigma"), [&](const std::string& name, const std::string& text) {
        rules.add(name, text);
    });
    if (rules.entries().empty()) {
        state.SkipWithError("no Sigma rules: set PHANTOM_DATA");
        return;
    }
    SigmaLog log({.type = "syslog", .source = {}});
    const auto lines = lines_of_sshd();
    std::size_t at = 0;
    for (auto _ : state) {
        for (const SigmaRecord& record : log.read(lines[at])) {
            benchmark::DoNotOptimize(rules.held_against(record));
        }
        at = at + 1 == lines.size() ? 0 : at + 1;
    }
    state.SetItemsProcessed(state.iterations());
    state.counters["rules"] = static_cast<double>(rules.entries().size());
}
BENCHMARK(sigma_lines)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace phantom::scenario
