// Nodes that were off for longer than their own word lasts, and come back by themselves.

#include "mesh/simulation_fixture.h"

namespace phantom::mesh::sim {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kDormantSeeds = 5;
constexpr std::uint64_t kDays = 86'400;

// `count` days in which the others go on saying their word.
void let_days_pass(World& world, std::uint64_t count) {
    for (std::uint64_t day = 0; day < count; day += 3) {
        world.skip(3 * kDays);
        world.run_for(kMaintenanceInterval + 15s);
    }
}

TEST(DormantSimulation, a_node_that_was_off_for_weeks_comes_back) {
    for (std::uint64_t seed = 1; seed <= kDormantSeeds; ++seed) {
        SCOPED_TRACE(testing::Message() << "seed " << seed);
        World world(seed, 3);
        world.admit_all();
        ASSERT_LT(world.run_until([&] { return world.converged(); }), kPatience);
        const std::size_t sleeper = world.draw(3);
        world.host(sleeper).apart = true;
        let_days_pass(world, 12);
        const std::size_t other = (sleeper + 1) % 3;
        EXPECT_TRUE(world.node(other).directory().is_dormant(World::id_of(sleeper)));
        EXPECT_EQ(world.node(other).directory().members().size(), 2U);
        EXPECT_TRUE(world.host(other).left.empty()) << "the tunnel still knows it";
        world.boot_with_memory(sleeper);
        world.host(sleeper).apart = false;
        EXPECT_LT(world.run_until([&] { return world.converged(); }), kPatience);
        world.expect_equal_directories();
    }
}

TEST(DormantSimulation, a_mesh_that_was_off_for_weeks_comes_back) {
    for (std::uint64_t seed = 1; seed <= kDormantSeeds; ++seed) {
        SCOPED_TRACE(testing::Message() << "seed " << seed);
        World world(seed, 3);
        world.admit_all();
        ASSERT_LT(world.run_until([&] { return world.converged(); }), kPatience);
        world.skip(100 * kDays);
        for (std::size_t index = 0; index < world.count(); ++index) {
            world.boot_with_memory(index);
        }
        EXPECT_LT(world.run_until([&] { return world.converged(); }), kPatience);
    }
}

TEST(DormantSimulation, one_that_is_put_out_while_off_does_not_come_back) {
    World world(1, 3);
    world.admit_all();
    ASSERT_LT(world.run_until([&] { return world.converged(); }), kPatience);
    world.host(2).apart = true;
    let_days_pass(world, 9);
    ASSERT_TRUE(world.node(0).directory().is_dormant(World::id_of(2)));
    const Status revoked = world.act(0, [&](Actions& out) {
        return world.node(0).revoke(cast().revocations[2], world.wall(), out);
    });
    ASSERT_TRUE(revoked.has_value());
    world.boot_with_memory(2);
    world.host(2).apart = false;
    world.run_for(60s);
    for (std::size_t index = 0; index < 2; ++index) {
        EXPECT_EQ(world.node(index).directory().find_known(World::id_of(2)), nullptr);
    }
}

}  // namespace
}  // namespace phantom::mesh::sim
