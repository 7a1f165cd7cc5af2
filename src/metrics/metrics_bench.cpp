// metrics: the page of a node with a thousand peers; what an observation costs

#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "metrics/families.h"
#include "metrics/writer.h"

namespace phantom::metrics {
namespace {

// 20 ms is the budget of a scrape, with everything around it.
void page_of_a_mesh(benchmark::State& state) {
    std::vector<std::string> names;
    for (std::int64_t at = 0; at < state.range(0); ++at) {
        names.push_back("node-" + std::to_string(at));
    }
    Histogram histogram(kStageBounds);
    std::size_t size = 0;
    for ([[maybe_unused]] auto each : state) {
        Writer writer(Format::kOpenMetrics);
        for (const auto group : kFamilyGroups) {
            for (const Family& family : group) {
                writer.begin(family);
                const bool is_of_peer = family.label_count() == 1 && family.labels[0] == "peer";
                for (std::size_t at = 0; is_of_peer && at < names.size(); ++at) {
                    family.type == Type::kCounter ? writer.add({names[at]}, 123'456'789U + at)
                                                  : writer.add({names[at]}, 0.012345678);
                }
                if (family.type == Type::kHistogram && family.label_count() == 1) {
                    for (const char* stage : {"fold", "gather", "assess", "alert", "decide"}) {
                        writer.add({stage}, histogram);
                    }
                }
            }
        }
        size = writer.finish().size();
    }
    state.counters["bytes"] = static_cast<double>(size);
}
BENCHMARK(page_of_a_mesh)->Arg(1'000)->Unit(benchmark::kMillisecond);

void observe(benchmark::State& state) {
    Histogram histogram(kStageBounds);
    Duration took(1);
    for ([[maybe_unused]] auto each : state) {
        histogram.observe(took);
        took = Duration((took.count() * 7) % 10'000'000);
    }
}
BENCHMARK(observe);

}  // namespace
}  // namespace phantom::metrics
