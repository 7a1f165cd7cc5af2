// Hybrid exchanges: both sides on one core, and what each side alone costs. Goal: >= 4,000 a second
// a core and side.

#include <benchmark/benchmark.h>

#include "pq/test_pair.h"

namespace phantom::pq::test {
namespace {

struct Pair {
    SeededRandom random{1};
    Node node_a{real_kem(), 1, random};
    Node node_b{real_kem(), 2, random};
    PqPeer a{options_of(node_a, node_b, real_kem())};
    PqPeer b{options_of(node_b, node_a, real_kem())};
    Instant now{1'000'000'000};
    Actions actions;

    Pair() {
        a.wireguard_handshake_done(session_hash(1), now, random, actions);
        b.wireguard_handshake_done(session_hash(1), now, random, actions);
    }
    void deliver(PqPeer& to) {
        const auto frames = std::exchange(actions.sends, {});
        for (const Frame& frame : frames) {
            (void)to.receive(frame.view(), now, random, actions);
        }
    }
    void exchange() {
        now = now + kOfferIntervalMin;
        (void)a.start(now, random, actions);
        deliver(b);
        deliver(a);
        deliver(b);
        deliver(a);
        actions.clear();
    }
};

void exchange_both_sides(benchmark::State& state) {
    Pair pair;
    for ([[maybe_unused]] const auto _ : state) {
        pair.exchange();
    }
    if (!pair.a.seen_post_quantum() || !same_key(pair.a.respond_with(), pair.b.respond_with())) {
        state.SkipWithError("no agreement");
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK(exchange_both_sides);

// The steps themselves, without frames and states.
void initiator_side(benchmark::State& state) {
    Pair pair;
    const Party a = options_of(pair.node_a, pair.node_b, real_kem()).party;
    const Party b = options_of(pair.node_b, pair.node_a, real_kem()).party;
    const Hash hash = session_hash(1);
    const Psk salt;
    const auto initiated = initiate(a, {hash, salt, 1}, pair.random);
    const auto opened = open_offer(b, initiated->exchange, initiated->offer);
    const auto answered = answer_offer(b, *opened, {hash, salt, kBootstrapId}, pair.random);
    for ([[maybe_unused]] const auto _ : state) {
        benchmark::DoNotOptimize(initiate(a, {hash, salt, 1}, pair.random).has_value());
        const auto concluded = conclude(a, *initiated, answered->answer, salt.key);
        benchmark::DoNotOptimize(concluded.has_value());
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK(initiator_side);

void responder_side(benchmark::State& state) {
    Pair pair;
    const Party a = options_of(pair.node_a, pair.node_b, real_kem()).party;
    const Party b = options_of(pair.node_b, pair.node_a, real_kem()).party;
    const Hash hash = session_hash(1);
    const Psk salt;
    const auto initiated = initiate(a, {hash, salt, 1}, pair.random);
    for ([[maybe_unused]] const auto _ : state) {
        const auto opened = open_offer(b, initiated->exchange, initiated->offer);
        const auto answered = answer_offer(b, *opened, {hash, salt, kBootstrapId}, pair.random);
        benchmark::DoNotOptimize(answered.has_value());
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK(responder_side);

// What a forger of offers costs us before it is refused.
void forged_offer(benchmark::State& state) {
    Pair pair;
    const Party a = options_of(pair.node_a, pair.node_b, real_kem()).party;
    const Party b = options_of(pair.node_b, pair.node_a, real_kem()).party;
    auto initiated = initiate(a, {session_hash(1), Psk{}, 1}, pair.random);
    initiated->offer[100] ^= 1;
    for ([[maybe_unused]] const auto _ : state) {
        const auto opened = open_offer(b, initiated->exchange, initiated->offer);
        benchmark::DoNotOptimize(opened.has_value());
    }
}
BENCHMARK(forged_offer);

}  // namespace
}  // namespace phantom::pq::test
