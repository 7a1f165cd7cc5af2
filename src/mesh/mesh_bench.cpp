// What a mesh of N costs each node, and how fast it hears: whole meshes under a virtual clock
// (scale_fixture.h), so the times are the protocol's and not this machine's. One run a size:
//     ./dev bench mesh --json
//     ./dev bench mesh --json --benchmark_filter=mesh_at_scale/1000/

#include <algorithm>

#include <benchmark/benchmark.h>

#include "mesh/scale_fixture.h"

namespace phantom::mesh::scale {
namespace {

constexpr Duration kSettling = 60s;
constexpr Duration kIdle = 60s;
constexpr Duration kPatience = 120s;
constexpr std::size_t kVictims = 10;

double seconds(Duration duration) {
    return std::chrono::duration<double>(duration).count();
}

std::size_t allocated() {
    return mallinfo2().uordblks + mallinfo2().hblkhd;
}

void measure_idle(World& world, benchmark::State& state) {
    const std::uint64_t before = world.bytes_sent();
    world.run_for(kIdle);
    double links = 0;
    std::size_t most = 0;
    for (Index index = 0; index < world.count(); ++index) {
        const std::size_t linked = world.node(index).link_count(world.now());
        links += static_cast<double>(linked);
        most = std::max(most, linked);
    }
    state.counters["idle_bytes_per_s_per_node"] =
        static_cast<double>(world.bytes_sent() - before) / seconds(kIdle) / world.count();
    state.counters["links_per_node"] = links / world.count();
    state.counters["links_max"] = static_cast<double>(most);
    state.counters["false_deaths_idle"] = static_cast<double>(world.false_deaths());
}

void measure_news(World& world, benchmark::State& state) {
    const Index teller = 4;
    world.act(teller, [&](Actions& out) {
        PM_ASSERT(world.node(teller)
                      .set_endpoints(
                          {public_place(teller), private_place(teller)}, world.wall(teller), out
                      )
                      .has_value());
    });
    const std::uint64_t sequence = world.node(teller).self().descriptor.sequence;
    const auto knows = [&](Index index) {
        return world.node(index).directory().tree().find(world.id_of(teller).bytes)->sequence ==
               sequence;
    };
    const auto reach = [&](auto holds, std::size_t wanted) {
        return seconds(world.run_until([&] { return world.count_if(holds) >= wanted; }, kPatience));
    };
    state.counters["record_to_all_s"] = reach(knows, world.count());

    const Index revoked = 9;
    const auto revocation = world.shared().root.revocation(world.id_of(revoked));
    world.act(0, [&](Actions& out) {
        PM_ASSERT(world.node(0).revoke(revocation, world.wall(0), out).has_value());
    });
    const auto refuses = [&](Index index) {
        return index == revoked ||
               world.node(index).directory().revocations().contains(world.id_of(revoked));
    };
    state.counters["revocation_to_all_s"] = reach(refuses, world.count());
}

// From the crash until somebody has found it, and until everybody who lives knows.
void measure_deaths(World& world, benchmark::State& state) {
    std::vector<Index> victims;
    while (victims.size() < std::min<std::size_t>(kVictims, world.count() / 10)) {
        const Index victim = world.draw();
        if (victim != 9 && world.host(victim).up) {
            world.crash(victim);
            victims.push_back(victim);
        }
    }
    const Instant begin = world.now();
    const std::size_t living = world.count() - victims.size() - 1;  // one was revoked
    std::vector<double> first(victims.size());
    std::vector<double> all(victims.size());
    const auto is_done = [&] {
        for (std::size_t at = 0; at < victims.size(); ++at) {
            if (all[at] > 0) {
                continue;
            }
            const std::size_t knowing = world.count_if([&](Index index) {
                return world.node(index).state_of(world.id_of(victims[at])).state ==
                       MemberState::kDead;
            });
            if (knowing > 0 && first[at] == 0) {
                first[at] = seconds(world.now() - begin);
            }
            if (knowing >= living) {
                all[at] = seconds(world.now() - begin);
            }
        }
        return std::ranges::all_of(all, [](double each) { return each > 0; });
    };
    (void)world.run_until(is_done, kPatience, 200ms);
    for (double& each : all) {
        each = each == 0 ? seconds(kPatience) : each;
    }
    std::ranges::sort(first);
    std::ranges::sort(all);
    state.counters["detection_p50_s"] = first[first.size() / 2];
    state.counters["detection_max_s"] = first.back();
    state.counters["death_known_to_all_p50_s"] = all[all.size() / 2];
    state.counters["death_known_to_all_max_s"] = all.back();
    state.counters["false_deaths"] = static_cast<double>(world.false_deaths());
}

void mesh_at_scale(benchmark::State& state) {
    const auto count = static_cast<Index>(state.range(0));
    Cast& all = cast(count);
    for (auto _ : state) {
        const std::size_t before = allocated();
        World world(1, count);
        world.run_for(kSettling);
        state.counters["own_state_bytes_per_node"] =
            static_cast<double>(allocated() - before) / count;
        state.counters["memory_bytes_per_member"] = static_cast<double>(all.held_bytes) / count;
        measure_idle(world, state);
        measure_news(world, state);
        measure_deaths(world, state);
    }
}
BENCHMARK(mesh_at_scale)
    ->Arg(10)
    ->Arg(100)
    ->Arg(1'000)
    ->Arg(10'000)
    ->Iterations(1)
    ->Unit(benchmark::kSecond);

}  // namespace
}  // namespace phantom::mesh::scale
