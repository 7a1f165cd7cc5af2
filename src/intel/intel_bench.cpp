// Feeds: reading and publishing 120,000 entries (goal: <= 1 s), and asking for an address or a name.

#include <benchmark/benchmark.h>

#include "intel/intel_fixture.h"
#include "intel/snapshot_box.h"

namespace phantom::intel::test {
namespace {

constexpr std::size_t kEntries = 120'430;  // as many as ipsum has

wire::Address drawn_address(Random& random) {
    std::array<std::uint8_t, 4> bytes{};
    store_be(bytes.data(), random.next_u32());
    return wire::Address::v4(bytes.data());
}

// As ipsum's: hosts drawn at random, a few with many lists.
std::string drawn_list(std::size_t entries) {
    SeededRandom random(1);
    std::string text;
    for (std::size_t count = 0; count < entries; ++count) {
        text += drawn_address(random).to_string() + (count % 4 == 0 ? "\t2\n" : "\t1\n");
    }
    return text;
}

std::shared_ptr<const Snapshot> built(const std::string& text) {
    return snapshot_of(input_of(feed_of(FeedFormat::kIpsum, "ipsum"), text));
}

// From a file's text to the moment at which readers see it.
void load(benchmark::State& state) {
    const std::string text = drawn_list(kEntries);
    SnapshotBox box;
    for ([[maybe_unused]] const auto _ : state) {
        box.publish(built(text));
    }
    state.counters["bytes"] = static_cast<double>(box.current()->size_bytes());
}
BENCHMARK(load)->Unit(benchmark::kMillisecond);

// Addresses that no feed names, as nearly all are.
void ask_unlisted(benchmark::State& state) {
    const auto snapshot = built(drawn_list(kEntries));
    SeededRandom random(2);
    std::vector<wire::Address> asked(4'096);
    std::ranges::generate(asked, [&] { return drawn_address(random); });
    std::size_t at = 0;
    for ([[maybe_unused]] const auto _ : state) {
        benchmark::DoNotOptimize(snapshot->find(asked[at++ % asked.size()], kTestNow).size());
    }
}
BENCHMARK(ask_unlisted);

void ask_listed(benchmark::State& state) {
    const auto snapshot = built(drawn_list(kEntries));
    SeededRandom random(1);
    std::vector<wire::Address> asked(4'096);
    std::ranges::generate(asked, [&] { return drawn_address(random); });
    std::size_t at = 0;
    for ([[maybe_unused]] const auto _ : state) {
        benchmark::DoNotOptimize(snapshot->find(asked[at++ % asked.size()], kTestNow).size());
    }
}
BENCHMARK(ask_listed);

// Networks of every length from 8 to 32: the worst that a list can do to who asks.
void ask_among_all_lengths(benchmark::State& state) {
    SeededRandom random(3);
    std::string text;
    for (std::size_t count = 0; count < kEntries; ++count) {
        text += drawn_address(random).to_string() + "/" + std::to_string(8 + count % 25) + "\n";
    }
    const auto snapshot = snapshot_of(input_of(feed_of(FeedFormat::kNetset, "nets"), text));
    std::vector<wire::Address> asked(4'096);
    std::ranges::generate(asked, [&] { return drawn_address(random); });
    std::size_t at = 0;
    for ([[maybe_unused]] const auto _ : state) {
        benchmark::DoNotOptimize(snapshot->find(asked[at++ % asked.size()], kTestNow).size());
    }
}
BENCHMARK(ask_among_all_lengths);

void ask_name(benchmark::State& state) {
    std::string text;
    for (std::size_t count = 0; count < kEntries; ++count) {
        text += "host" + std::to_string(count) + ".example\n";
    }
    const auto snapshot = snapshot_of(input_of(feed_of(FeedFormat::kPlain, "names"), text));
    for ([[maybe_unused]] const auto _ : state) {
        benchmark::DoNotOptimize(snapshot->find_name("www.cdn.unlisted.example", kTestNow).size());
    }
}
BENCHMARK(ask_name);

}  // namespace
}  // namespace phantom::intel::test
