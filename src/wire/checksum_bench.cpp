#include <vector>

#include <benchmark/benchmark.h>

#include "wire/checksum.h"

namespace phantom::wire {
namespace {

void checksum(benchmark::State& state) {
    const std::vector<std::uint8_t> data(static_cast<std::size_t>(state.range(0)), 0x5a);
    for (auto _ : state) {
        benchmark::DoNotOptimize(checksum_add(data));
    }
    state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(checksum)->Arg(20)->Arg(64)->Arg(512)->Arg(1424);

}  // namespace
}  // namespace phantom::wire
