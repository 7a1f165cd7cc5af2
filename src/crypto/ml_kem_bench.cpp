// ML-KEM-768: what the post-quantum exchange is made of (src/pq/pq_bench.cpp for whole ones).

#include <benchmark/benchmark.h>

#include "crypto/ml_kem.h"

namespace phantom::crypto {
namespace {

void ml_kem_generate(benchmark::State& state) {
    SeededRandom random(1);
    for ([[maybe_unused]] const auto _ : state) {
        benchmark::DoNotOptimize(KemKeyPair::generate(random).has_value());
    }
}
BENCHMARK(ml_kem_generate);

void ml_kem_encapsulate(benchmark::State& state) {
    SeededRandom random(1);
    const auto pair = KemKeyPair::generate(random);
    for ([[maybe_unused]] const auto _ : state) {
        benchmark::DoNotOptimize(encapsulate(pair->public_key(), random).has_value());
    }
}
BENCHMARK(ml_kem_encapsulate);

void ml_kem_decapsulate(benchmark::State& state) {
    SeededRandom random(1);
    const auto pair = KemKeyPair::generate(random);
    const auto sent = encapsulate(pair->public_key(), random);
    for ([[maybe_unused]] const auto _ : state) {
        benchmark::DoNotOptimize(pair->decapsulate(sent->ciphertext).has_value());
    }
}
BENCHMARK(ml_kem_decapsulate);

}  // namespace
}  // namespace phantom::crypto
