// The ways between members, in whole meshes under a virtual clock: relays where routers let nobody
// in, direct ways beneath them, another way when the one in use falls silent. Seeds as in
// simulation_test.cpp.

#include <algorithm>
#include <cstdio>

#include "mesh/simulation_fixture.h"

namespace phantom::mesh::sim {
namespace {

constexpr std::uint64_t kWaysSeeds = 50;

void calm(World& world, Duration delay_max) {
    world.weather = {.loss_percent = 0, .duplicate_percent = 0, .delay_max = delay_max};
}

TEST(WaysSimulation, routers_that_let_nobody_in_are_crossed_over_a_relay) {
    for (std::uint64_t seed = 1; seed <= kWaysSeeds; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        World world(seed, 4);
        world.put_behind_symmetric_router(2);
        world.put_behind_symmetric_router(3);
        world.admit_all();
        ASSERT_LT(world.run_until([&] { return world.converged(); }), kPatience);
        world.run_for(10s);
        EXPECT_TRUE(world.relayed(2, 3) && world.relayed(3, 2));
        EXPECT_TRUE(world.gets_through(2, 3) && world.gets_through(3, 2));
        EXPECT_FALSE(world.relayed(0, 2) || world.relayed(2, 0)) << "these need none";
        EXPECT_FALSE(world.relayed(0, 1) || world.relayed(1, 0));
    }
}

TEST(WaysSimulation, direct_way_is_found_beneath_the_relay) {
    for (std::uint64_t seed = 1; seed <= kWaysSeeds; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        World world(seed, 4);
        world.put_behind_router(2);
        world.put_behind_router(3);
        world.admit_all();
        ASSERT_LT(world.run_until([&] { return world.converged(); }), kPatience);
        const Duration took =
            world.run_until([&] { return !world.relayed(2, 3) && !world.relayed(3, 2); });
        EXPECT_LT(took, kPatience);
        EXPECT_TRUE(world.gets_through(2, 3) && world.gets_through(3, 2));
    }
}

// How long nothing would have arrived; kPatience: for ever.
Duration outage(World& world, std::size_t from, std::size_t to) {
    const Instant begin = world.now();
    while (!world.gets_through(from, to) && world.now() - begin < kPatience) {
        world.run_for(1ms);
    }
    return world.now() - begin;
}

TEST(WaysSimulation, silent_way_in_use_is_left_within_the_budget) {
    // The budgets of the design for a path in use.
    constexpr Duration kMedianMax = 60ms;
    constexpr Duration kWorstMax = 150ms;
    std::vector<Duration> outages;
    for (std::uint64_t seed = 1; seed <= 4 * kWaysSeeds; ++seed) {
        World world(seed, 4);
        calm(world, 5ms);
        world.admit_all();
        ASSERT_LT(world.run_until([&] { return world.converged(); }), kPatience);
        world.send_data_always(1, 2);
        world.send_data_always(2, 1);
        world.run_for(5s + Duration(1ms) * world.draw(100));
        ASSERT_FALSE(world.relayed(1, 2)) << "seed " << seed;
        world.cut_direct_way(1, 2);
        outages.push_back(outage(world, 1, 2));
        EXPECT_TRUE(world.relayed(1, 2));
    }
    std::ranges::sort(outages);
    const auto milliseconds = [](Duration each) {
        return std::chrono::duration<double, std::milli>(each).count();
    };
    const Duration median = outages[outages.size() / 2];
    const Duration worst = outages[outages.size() * 99 / 100];
    std::printf(
        "silent way left: p50 %.0f ms, p99 %.0f ms\n", milliseconds(median), milliseconds(worst)
    );
    EXPECT_LE(median, kMedianMax);
    EXPECT_LE(worst, kWorstMax);
}

TEST(WaysSimulation, way_that_comes_back_is_taken_again_and_one_that_flaps_is_not_trusted) {
    World world(7, 4);
    calm(world, 5ms);
    world.admit_all();
    ASSERT_LT(world.run_until([&] { return world.converged(); }), kPatience);
    world.send_data_always(1, 2);
    world.send_data_always(2, 1);
    world.run_for(5s);
    world.cut_direct_way(1, 2);
    world.run_for(2s);
    ASSERT_TRUE(world.relayed(1, 2));
    world.mend_direct_way(1, 2);
    EXPECT_LT(world.run_until([&] { return !world.relayed(1, 2); }), kSearchMax + 10s);
    // Five more failures, a second apart each.
    for (int failure = 0; failure < 5; ++failure) {
        world.cut_direct_way(1, 2);
        world.run_for(500ms);
        world.mend_direct_way(1, 2);
        world.run_until([&] { return !world.relayed(1, 2); });
    }
    world.cut_direct_way(1, 2);
    world.run_for(500ms);
    world.mend_direct_way(1, 2);
    EXPECT_GT(world.run_until([&] { return !world.relayed(1, 2); }), kHoldFirst * 4);
}

// It may have begun anew, and know neither our session nor our place.
TEST(WaysSimulation, who_finds_a_neighbour_silent_calls_it_while_the_session_lasts) {
    for (std::uint64_t seed = 1; seed <= kWaysSeeds; ++seed) {
        World world(seed, 2);
        calm(world, 5ms);
        world.admit_all();
        ASSERT_LT(world.run_until([&] { return world.converged(); }), kPatience);
        world.run_for(5s);
        const std::size_t before = world.host(0).calls;
        world.cut_direct_way(0, 1);
        world.run_for(kProbePeriod + kProbeTimeout + 1s);
        EXPECT_GT(world.host(0).calls, before) << "seed " << seed;
        EXPECT_TRUE(world.node(0).is_linked(world.id_of(1), world.now())) << "seed " << seed;
    }
}

// As on a machine that gets no processor time for a moment.
TEST(WaysSimulation, nobody_stays_cut_off_when_all_ways_fell_silent_at_once) {
    for (std::uint64_t seed = 1; seed <= kWaysSeeds; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        World world(seed, 5);
        calm(world, 5ms);
        world.admit_all();
        ASSERT_LT(world.run_until([&] { return world.converged(); }), kPatience);
        for (std::size_t from = 0; from < world.count(); ++from) {
            for (std::size_t to = 0; to < world.count(); ++to) {
                world.send_data_always(from, to);
            }
        }
        world.run_for(5s);
        for (int moment = 0; moment < 6; ++moment) {
            const std::size_t stalled = world.draw(world.count());
            world.host(stalled).apart = true;
            world.run_for(300ms);
            world.host(stalled).apart = false;
            world.run_for(500ms);
        }
        world.run_for(2s);
        for (std::size_t from = 0; from < world.count(); ++from) {
            for (std::size_t to = 0; to < world.count(); ++to) {
                EXPECT_TRUE(from == to || world.gets_through(from, to)) << from << " to " << to;
            }
        }
    }
}

TEST(WaysSimulation, dead_relay_is_replaced_by_another) {
    for (std::uint64_t seed = 1; seed <= kWaysSeeds; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        World world(seed, 5);
        calm(world, 20ms);
        world.put_behind_symmetric_router(3);
        world.put_behind_symmetric_router(4);
        world.admit_all();
        ASSERT_LT(world.run_until([&] { return world.converged(); }), kPatience);
        world.send_data_always(3, 4);
        world.send_data_always(4, 3);
        world.run_for(10s);
        ASSERT_TRUE(world.relayed(3, 4));
        const wire::SocketAddress before = world.way(3, 4);
        const wire::HopId dead = wire::relay_route(before.address).first;
        for (std::size_t relay = 0; relay < 3; ++relay) {
            if (wire::hop_id(World::id_of(relay).bytes.data()) == dead) {
                world.host(relay).apart = true;
            }
        }
        EXPECT_LT(outage(world, 3, 4), 1s);
        EXPECT_NE(world.way(3, 4), before);
    }
}

}  // namespace
}  // namespace phantom::mesh::sim
