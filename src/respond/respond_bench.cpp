// The loop under load: findings offered at a fixed rate, judged, told, decided on; what is late, lost or shed.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <thread>

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/random.h"
#include "respond/finding_queue.h"
#include "respond/pipeline.h"

namespace phantom::respond {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMembers = 1'000;
constexpr std::size_t kNeighbours = 10;
constexpr std::size_t kRules = 200;
constexpr std::size_t kKinds = 4'000;  // findings that are not the same
constexpr WallTime kBegin{1'790'000'000'000'000'000};

wire::Address member_address(std::size_t member) {
    const std::array<std::uint8_t, 4> bytes{
        100, 64, static_cast<std::uint8_t>(member >> 8U), static_cast<std::uint8_t>(member)
    };
    return wire::Address::v4(bytes.data());
}

World drawn_world() {
    std::vector<Member> members;
    for (std::size_t member = 0; member < kMembers; ++member) {
        members.push_back(
            {.name = fmt::format("node{}", member), .addresses = {member_address(member)}}
        );
    }
    return World(members, [](std::size_t from, std::size_t to) {
        return (to + kMembers - from) % kMembers <= kNeighbours;
    });
}

// Of a hundred: 1 of P1 or P2, 9 that may be P3, the rest P4 and P5.
Finding drawn_finding(Random& random) {
    const std::uint64_t kind = random.below(100);
    const std::uint64_t rule = random.below(kRules);
    return {
        .rule = fmt::format("suricata:1:{}", 2'010'000 + rule),
        .text = fmt::format("a rule of the bench speaks, number {}", rule),
        .subject = member_address(random.below(kMembers)),
        .object = member_address(random.below(kMembers)),
        .severity = kind == 0   ? 9.0
                    : kind < 10 ? 6.5
                                : 4.0,
        .evidence =
            {.family = rule % 2 == 0 ? assess::EvidenceFamily::kSignature
                                     : assess::EvidenceFamily::kScenario,
             .llr = kind == 0   ? 8.0
                    : kind < 10 ? 5.0
                                : 2.0},
        .technique = assess::TechniqueId{1110, 3},
        .first_seen = kBegin,
        .at = kBegin,
    };
}

std::vector<Finding> drawn_findings() {
    SeededRandom random(1);
    std::vector<Finding> findings;
    for (std::size_t count = 0; count < kKinds; ++count) {
        findings.push_back(drawn_finding(random));
    }
    return findings;
}

std::size_t resident_bytes() {
    std::size_t pages = 0;
    std::size_t resident = 0;
    std::ifstream("/proc/self/statm") >> pages >> resident;
    return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

// Open loop: each is due at its time, whether the one before was judged or not, and as late as it was judged
// after that time.
void offer(
    FindingQueue& queue, const std::vector<Finding>& findings, double per_second,
    Clock::time_point begin, std::size_t count
) {
    for (std::size_t offered = 0; offered < count;) {
        const double passed = std::chrono::duration<double>(Clock::now() - begin).count();
        const std::size_t due = std::min(count, static_cast<std::size_t>(passed * per_second));
        for (; offered < due; ++offered) {
            Finding finding = findings[offered % findings.size()];
            finding.at.ns +=
                static_cast<std::int64_t>(static_cast<double>(offered) * 1e9 / per_second);
            (void)queue.put(std::move(finding));
        }
        std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
}

double quantile_ms(std::vector<float>& samples, double part) {
    if (samples.empty()) {
        return 0;
    }
    const auto at = static_cast<std::ptrdiff_t>(static_cast<double>(samples.size() - 1) * part);
    std::ranges::nth_element(samples, samples.begin() + at);
    return samples[static_cast<std::size_t>(at)];
}

struct Judged {
    std::vector<float> late_ms;
    std::uint64_t wishes = 0;
};

void judge(
    FindingQueue& queue, Pipeline& pipeline, Clock::time_point begin, const std::atomic<bool>& over,
    Judged& judged
) {
    std::vector<Finding> batch;
    for (bool last = false; !last;) {
        last = over.load();
        queue.take(batch);
        for (const Finding& finding : batch) {
            judged.wishes += pipeline.step(finding).wishes ? 1U : 0U;
            const auto due = std::chrono::nanoseconds(finding.at.ns - kBegin.ns);
            judged.late_ms.push_back(
                std::chrono::duration<float, std::milli>(Clock::now() - begin - due).count()
            );
        }
        if (batch.empty()) {
            std::this_thread::sleep_for(std::chrono::microseconds(100));
        }
    }
}

void loop_under_load(benchmark::State& state) {
    const auto per_second = static_cast<double>(state.range(0));
    const std::size_t count = static_cast<std::size_t>(per_second * 5);
    const std::vector<Finding> findings = drawn_findings();
    for ([[maybe_unused]] const auto _ : state) {
        FindingQueue queue;
        Pipeline pipeline;
        pipeline.set_world(drawn_world());
        Judged judged;
        judged.late_ms.reserve(count);
        std::atomic<bool> over{false};
        const std::size_t before = resident_bytes();
        const auto begin = Clock::now();
        std::thread judging([&] { judge(queue, pipeline, begin, over, judged); });
        offer(queue, findings, per_second, begin, count);
        const auto offered = Clock::now();
        over = true;
        judging.join();
        const FindingQueue::Counts counts = queue.counts();
        state.SetIterationTime(std::chrono::duration<double>(offered - begin).count());
        state.counters["judged_per_s"] =
            static_cast<double>(judged.late_ms.size()) /
            std::chrono::duration<double>(Clock::now() - begin).count();
        state.counters["p50_ms"] = quantile_ms(judged.late_ms, 0.5);
        state.counters["p99_ms"] = quantile_ms(judged.late_ms, 0.99);
        state.counters["lost_p1_to_p3"] =
            static_cast<double>(counts.shed[0] + counts.shed[1] + counts.shed[2]);
        state.counters["shed_p4"] = static_cast<double>(counts.shed[3]);
        state.counters["shed_p5"] = static_cast<double>(counts.shed[4]);
        state.counters["alerts"] = static_cast<double>(pipeline.alerts().all().size());
        state.counters["incidents"] = static_cast<double>(pipeline.incidents().all().size());
        state.counters["blocks_wished"] = static_cast<double>(judged.wishes);
        state.counters["memory_grown_mb"] =
            (static_cast<double>(resident_bytes()) - static_cast<double>(before)) / 1e6;
        state.counters["drained_ms"] =
            std::chrono::duration<double, std::milli>(Clock::now() - offered).count();
    }
}
BENCHMARK(loop_under_load)
    ->Arg(50'000)
    ->Arg(250'000)
    ->Arg(1'000'000)
    ->Iterations(1)
    ->UseManualTime()
    ->Unit(benchmark::kSecond);

// One finding after the other, as fast as they go.
void step(benchmark::State& state) {
    const std::vector<Finding> findings = drawn_findings();
    Pipeline pipeline;
    pipeline.set_world(drawn_world());
    std::size_t at = 0;
    for ([[maybe_unused]] const auto _ : state) {
        Finding finding = findings[at % findings.size()];
        finding.at.ns += static_cast<std::int64_t>(at) * 4'000;
        benchmark::DoNotOptimize(pipeline.step(finding));
        ++at;
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(at));
}
BENCHMARK(step);

}  // namespace
}  // namespace phantom::respond
