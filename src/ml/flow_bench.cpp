// Features of flows: ns for each packet, over few flows and over a full table.

#include <benchmark/benchmark.h>

#include "ml/flow_fixture.h"
#include "ml/flow_table.h"

namespace phantom::ml::test {
namespace {

// `flows` conversations, one packet of each in turn.
void count_packets(benchmark::State& state) {
    const auto flows = static_cast<std::size_t>(state.range(0));
    SeededRandom random(1);
    FlowTable table(random);
    const FlowTable::Farewell farewell = [](const FlowRecord& flow, FlowEnd /*end*/) {
        benchmark::DoNotOptimize(flow.features());
    };
    std::vector<PacketFacts> packets;
    packets.reserve(flows);
    for (std::size_t number = 0; number < flows; ++number) {
        packets.push_back(
            tcp(0,
                {static_cast<std::uint8_t>(number / 50'000),
                 static_cast<std::uint16_t>(10'000 + number % 50'000)},
                {200, 443}, kFlagAck, 1'000)
        );
    }
    std::int64_t time_us = 0;
    std::size_t at = 0;
    for (auto _ : state) {
        PacketFacts& packet = packets[at];
        packet.time_us = ++time_us;
        packet.sequence += 1'000;
        benchmark::DoNotOptimize(table.add(packet, farewell));
        at = at + 1 == flows ? 0 : at + 1;
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(count_packets)->Arg(16)->Arg(1'000)->Arg(60'000);

void read_features(benchmark::State& state) {
    FlowRecord flow(tcp(0, {1, 10'000}, {2, 443}, kFlagSyn), {});
    for (auto _ : state) {
        benchmark::DoNotOptimize(flow.features());
    }
}
BENCHMARK(read_features);

}  // namespace
}  // namespace phantom::ml::test
