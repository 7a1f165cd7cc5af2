// The policy's price: a packet of a known flow in and out, and the first packet of a flow.

#include <benchmark/benchmark.h>

#include "base/assert.h"
#include "dataplane/access_fixture.h"

namespace phantom::dataplane::test {
namespace {

// 200 grants, of which the last decides.
AccessRules rules() {
    std::string grants;
    for (int port = 1; port < 200; ++port) {
        grants += R"({"src":["two"],"dst":["one"],"ip":["tcp:)" + std::to_string(port) + "\"]},";
    }
    grants += R"({"src":["one"],"dst":["two"],"ip":["tcp:*"]})";
    return {compiled(grants), 1};
}

struct Bench {
    SeededRandom random{1};
    AccessState state{random};
    AccessFilter filter{state};
    AccessRules held = rules();

    Bench() { filter.begin_batch(&held, Instant{1'000'000'000}); }
};

void known_flow_in(benchmark::State& state) {
    Bench bench;
    const Packet packet = tcp(1, 2, 40'000, 22, kAckOnly);
    const auto ip = wire::parse_ip(packet).value();
    for (auto _ : state) {
        benchmark::DoNotOptimize(bench.filter.admits(packet, ip));
    }
}
BENCHMARK(known_flow_in);

void known_answer_in(benchmark::State& state) {
    Bench bench;
    const Packet question = tcp(1, 2, 40'000, 22, kAckOnly);
    const Packet answer = tcp(2, 1, 22, 40'000, kAckOnly);
    bench.filter.note_sent(question, wire::parse_ip(question).value());
    const auto ip = wire::parse_ip(answer).value();
    for (auto _ : state) {
        benchmark::DoNotOptimize(bench.filter.admits(answer, ip));
    }
}
BENCHMARK(known_answer_in);

void known_flow_out(benchmark::State& state) {
    Bench bench;
    const Packet packet = tcp(1, 2, 40'000, 22, kAckOnly);
    const auto ip = wire::parse_ip(packet).value();
    for (auto _ : state) {
        bench.filter.note_sent(packet, ip);
        benchmark::ClobberMemory();
    }
}
BENCHMARK(known_flow_out);

void first_packet_of_a_flow_in(benchmark::State& state) {
    Bench bench;
    Packet packet = tcp(1, 2, 0, 22, kSyn);
    const auto ip = wire::parse_ip(packet).value();
    std::uint32_t number = 0;
    for (auto _ : state) {
        store_be(&packet[20], static_cast<std::uint16_t>(++number));
        packet[19] = static_cast<std::uint8_t>(2 + (number >> 16U) % 2);
        benchmark::DoNotOptimize(bench.filter.admits(packet, ip));
    }
}
BENCHMARK(first_packet_of_a_flow_in);

}  // namespace
}  // namespace phantom::dataplane::test
