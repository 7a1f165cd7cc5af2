// The root is where it is held now: nowhere for most of the time, then for a while with somebody.

#include "mesh/simulation_fixture.h"

namespace phantom::mesh::sim {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kSealedDayS = 86'400;
// What `phantom root unseal` holds it for, unless told otherwise.
constexpr Duration kHeldFor = 1h;

void set_holder(World& world, std::size_t index, bool holds) {
    PM_ASSERT(world
                  .act(
                      index, [&](Actions& out
                             ) { return world.node(index).set_grants(holds, world.wall(), out); }
                  )
                  .has_value());
}

std::size_t introducers_known_to(World& world, std::size_t index) {
    std::size_t count = 0;
    for (const auto& [node, member] : world.node(index).directory().members()) {
        count += member.descriptor.has(identity::Capability::kIntroducer) ? 1 : 0;
    }
    return count;
}

TEST(HolderSimulation, everybody_hears_who_holds_the_root_and_who_no_longer) {
    World world(11, 4);
    world.admit_all();
    ASSERT_LT(world.run_until([&] { return world.converged(); }), kPatience);
    set_holder(world, 2, true);
    const auto all_know = [&](std::size_t count) {
        for (std::size_t index = 0; index < world.count(); ++index) {
            if (introducers_known_to(world, index) != count) {
                return false;
            }
        }
        return true;
    };
    EXPECT_LT(world.run_until([&] { return all_know(1); }), kPatience);
    set_holder(world, 2, false);
    EXPECT_LT(world.run_until([&] { return all_know(0); }), kPatience);
}

TEST(HolderSimulation, an_hour_is_enough_for_those_whose_certificates_are_due) {
    World world(12, 4);
    world.admit_all();
    ASSERT_LT(world.run_until([&] { return world.converged(); }), kPatience);
    for (std::uint64_t day = 0; day < 300; day += 6) {  // of 365
        world.skip(6 * kSealedDayS);
        world.run_for(kMaintenanceInterval + 15s);
    }
    set_holder(world, 3, true);
    world.run_for(kHeldFor);
    set_holder(world, 3, false);
    for (std::size_t index = 0; index < world.count(); ++index) {
        EXPECT_GT(world.node(index).self().certificate.expiry.s, world.wall().s + 360 * kSealedDayS)
            << index;
    }
}

TEST(HolderSimulation, who_does_not_hold_it_any_more_renews_nobody) {
    World world(13, 3);
    world.admit_all();
    ASSERT_LT(world.run_until([&] { return world.converged(); }), kPatience);
    set_holder(world, 0, true);
    set_holder(world, 0, false);
    world.skip(300 * kSealedDayS);
    const auto request =
        make_renew_request(world.node(1).self().descriptor, cast().nodes[1]->keys.signing());
    Actions actions;
    (void)world.inject(1, 0, encode(*request), actions);
    EXPECT_TRUE(actions.renewals.empty());
}

}  // namespace
}  // namespace phantom::mesh::sim
