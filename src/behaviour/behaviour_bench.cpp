// Behaviour and anomalies: ns for each packet of many connections of many sources, some of them scans.

#include <benchmark/benchmark.h>

#include "behaviour/behaviour.h"
#include "behaviour/behaviour_fixture.h"

namespace phantom::behaviour::test {
namespace {

// Connections of five packets, of 200 sources, to 50 places.
void watch_packets(benchmark::State& state) {
    constexpr unsigned kSources = 200;
    constexpr unsigned kPlaces = 50;
    std::vector<Packet> packets;
    for (unsigned number = 0; number < 20'000; ++number) {
        const End client{number % kSources, static_cast<std::uint16_t>(10'000 + number % 40'000)};
        const End server{1'000 + number % kPlaces, 443};
        packets.push_back(tcp_packet(client, server, kSyn));
        packets.push_back(tcp_packet(server, client, kSyn | kAck));
        packets.push_back(tcp_packet(client, server, kAck, 500));
        packets.push_back(tcp_packet(server, client, kAck, 1'200));
        packets.push_back(tcp_packet(client, server, kFin | kAck));
    }
    SeededRandom random(1);
    Behaviour behaviour(random);
    Instant now{1'000'000'000'000};
    std::size_t at = 0;
    std::uint64_t signs = 0;
    for (auto _ : state) {
        now = now + std::chrono::microseconds(100);
        behaviour.packet(packets[at], now, [&](const Sign& /*sign*/) { ++signs; });
        at = at + 1 == packets.size() ? 0 : at + 1;
    }
    state.SetItemsProcessed(state.iterations());
    state.counters["signs"] = static_cast<double>(signs);
}
BENCHMARK(watch_packets);

}  // namespace
}  // namespace phantom::behaviour::test
