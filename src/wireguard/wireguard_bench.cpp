// Handshakes a second on one core (budget in docs: 10,000) and allowed-IP lookups.

#include <memory>
#include <vector>

#include <benchmark/benchmark.h>

#include "wireguard/test_host.h"

namespace phantom::wireguard::test {

namespace {

// Two devices that know each other; `begin` makes the first one want a handshake.
struct Pair {
    Pair() {
        a.add_peer(b);
        b.add_peer(a);
        a.up();
        b.up();
    }
    // Past the session's age, so that there is a reason for a handshake.
    Datagram initiation() {
        clock.advance(kRejectAfterTime);
        a.send_to(b);
        const Datagram made = a.sent.front();
        a.sent.clear();
        return made;
    }

    Clock clock;
    Host a{clock, 1, 1};
    Host b{clock, 2, 2};
};

void handshake_both_ends(benchmark::State& state) {
    Pair pair;
    for (auto _ : state) {
        pair.clock.advance(kRejectAfterTime);
        pair.a.send_to(pair.b);
        exchange({&pair.a, &pair.b});
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(pair.b.device.counters().handshakes_completed)
    );
}

// Initiation in, response and session out: what a flood of honest peers costs a server.
void handshake_responder(benchmark::State& state) {
    Pair pair;
    for (auto _ : state) {
        state.PauseTiming();
        const Datagram initiation = pair.initiation();
        state.ResumeTiming();
        pair.b.receive(initiation);
        state.PauseTiming();
        exchange({&pair.a, &pair.b});
        state.ResumeTiming();
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(pair.b.device.counters().handshakes_completed)
    );
}

// What an attacker who knows no public key costs us.
void bad_mac1(benchmark::State& state) {
    Pair pair;
    Datagram initiation = pair.initiation();
    initiation.bytes[120] ^= 1;
    for (auto _ : state) {
        pair.b.receive(initiation);
    }
    state.SetItemsProcessed(state.iterations());
}

// The floor under all of it: a responder needs four of these, one of them for a fixed point.
void x25519(benchmark::State& state) {
    SeededRandom random(1);
    const auto key = crypto::generate_private_key(random);
    const auto peer = crypto::public_key_of(crypto::generate_private_key(random));
    for (auto _ : state) {
        benchmark::DoNotOptimize(crypto::x25519(key, peer));
    }
}

void allowed_ips_find(benchmark::State& state) {
    SeededRandom random(1);
    PeerPath path(1, 0);
    std::vector<AllowedIps::Entry> entries;
    std::vector<wire::Address> inside;
    for (std::int64_t count = 0; count < state.range(0); ++count) {
        std::uint8_t bytes[4];
        random.fill(bytes);
        const auto length = static_cast<std::uint8_t>(16 + random.below(17));
        entries.push_back({wire::Prefix::of(wire::Address::v4(bytes), length), &path});
        inside.push_back(wire::Address::v4(bytes));
    }
    const AllowedIps table(entries);
    // Shuffled, so that the cache sees the table and not one path through it.
    for (std::size_t at = inside.size(); at > 1; --at) {
        std::swap(inside[at - 1], inside[random.below(at)]);
    }
    std::size_t next = 0;
    for (auto _ : state) {
        benchmark::DoNotOptimize(table.find(inside[next]));
        next = next + 1 == inside.size() ? 0 : next + 1;
    }
    state.SetItemsProcessed(state.iterations());
}

void allowed_ips_build(benchmark::State& state) {
    SeededRandom random(1);
    PeerPath path(1, 0);
    std::vector<AllowedIps::Entry> entries;
    for (std::int64_t count = 0; count < state.range(0); ++count) {
        std::uint8_t bytes[16];
        random.fill(bytes);
        entries.push_back({wire::Prefix::of(wire::Address::v6(bytes), 64), &path});
    }
    for (auto _ : state) {
        benchmark::DoNotOptimize(AllowedIps(entries));
    }
}

}  // namespace

BENCHMARK(handshake_both_ends);
BENCHMARK(handshake_responder);
BENCHMARK(x25519);
BENCHMARK(bad_mac1);
BENCHMARK(allowed_ips_find)->Arg(10)->Arg(1'000)->Arg(100'000);
BENCHMARK(allowed_ips_build)->Arg(130'560)->Unit(benchmark::kMillisecond);

}  // namespace phantom::wireguard::test
