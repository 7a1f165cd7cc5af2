// Years of a mesh whose administrator does nothing: certificates of a year are renewed over and over.

#include "mesh/simulation_fixture.h"

namespace phantom::mesh::sim {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kDayS = 86'400;
constexpr std::uint64_t kYears = 3;

// Node 0 holds the root.
void make_root_of(World& world) {
    world.host(0).grants = true;
    world.boot(0, cast().publics[0]);
    PM_ASSERT(world
                  .act(
                      0,
                      [&](Actions& out) {
                          return world.node(0).set_capability(
                              identity::Capability::kIntroducer, true, world.wall(), out
                          );
                      }
                  )
                  .has_value());
    world.admit_all();
}

// In steps that a descriptor outlives: who is dormant is not asked, and asks again a minute later.
void live_for(World& world, std::uint64_t days) {
    for (std::uint64_t day = 0; day < days; day += 6) {
        world.skip(6 * kDayS);
        world.run_for(kMaintenanceInterval + 15s);
    }
}

void expect_all_members(World& world) {
    for (std::size_t index = 0; index < world.count(); ++index) {
        EXPECT_EQ(world.node(index).directory().members().size(), world.count());
        EXPECT_GT(world.node(index).self().certificate.expiry.s, world.wall().s + 60 * kDayS);
        EXPECT_FALSE(world.host(index).revoked_itself);
    }
}

TEST(RenewalSimulation, years_go_by_without_an_administrator) {
    World world(1, 2);
    make_root_of(world);
    ASSERT_LT(world.run_until([&] { return world.converged(); }), kPatience);
    for (std::uint64_t year = 0; year < kYears; ++year) {
        live_for(world, 365);
        SCOPED_TRACE(testing::Message() << "after year " << year + 1);
        expect_all_members(world);
        EXPECT_LT(world.run_until([&] { return world.converged(); }), kPatience);
    }
    // Two thirds of a year each, and one more for what was left at the end.
    EXPECT_LE(world.host(0).renewals, world.count() * (kYears * 3 / 2 + 1));
}

TEST(RenewalSimulation, one_that_was_off_when_it_was_due_asks_when_it_is_back) {
    World world(2, 3);
    make_root_of(world);
    ASSERT_LT(world.run_until([&] { return world.converged(); }), kPatience);
    world.host(2).apart = true;
    live_for(world, 340);  // of 365
    world.boot_with_memory(2);
    world.host(2).apart = false;
    live_for(world, 20);
    expect_all_members(world);
}

TEST(RenewalSimulation, one_that_was_put_out_gets_nothing) {
    World world(3, 3);
    make_root_of(world);
    ASSERT_LT(world.run_until([&] { return world.converged(); }), kPatience);
    const auto request =
        make_renew_request(world.node(2).self().descriptor, cast().nodes[2]->keys.signing());
    world.skip(300 * kDayS);
    ASSERT_TRUE(world
                    .act(
                        0,
                        [&](Actions& out) {
                            return world.node(0).revoke(cast().revocations[2], world.wall(), out);
                        }
                    )
                    .has_value());
    Actions actions;
    EXPECT_FALSE(world.inject(2, 0, encode(*request), actions).has_value());
    EXPECT_TRUE(actions.renewals.empty());
}

TEST(RenewalSimulation, requests_are_bounded) {
    World world(4, 3);
    make_root_of(world);
    ASSERT_LT(world.run_until([&] { return world.converged(); }), kPatience);
    identity::MemberRecord old = cast().publics[1];
    world.skip(250 * kDayS);
    world.run_for(90s);
    const auto request =
        make_renew_request(world.node(1).self().descriptor, cast().nodes[1]->keys.signing());
    Actions actions;
    world.run_for(kRenewIntervalMin);
    for (int count = 0; count < 100; ++count) {
        (void)world.inject(1, 0, encode(*request), actions);
    }
    EXPECT_LE(actions.renewals.size(), 1U);
}

TEST(RenewalSimulation, a_grant_for_another_place_is_not_taken) {
    World world(5, 2);
    make_root_of(world);
    ASSERT_LT(world.run_until([&] { return world.converged(); }), kPatience);
    const identity::MemberRecord before = world.node(1).self();
    const auto offer = [&](auto change) {
        identity::Certificate granted = before.certificate;
        granted.expiry = granted.expiry.plus(kDayS);
        change(granted);
        PM_ASSERT(granted.issue(cast().root.key).has_value());
        Actions actions;
        (void)world.inject(0, 1, encode(RenewGrant{granted.encode().value()}), actions);
    };
    offer([](auto& granted) { granted.name = identity::label("somebody-else"); });
    offer([](auto& granted) { granted.node = World::id_of(0); });
    offer([](auto& granted) { granted.expiry.s -= 2 * kDayS; });
    EXPECT_EQ(world.node(1).self(), before);
    offer([](auto&) {});
    EXPECT_EQ(world.node(1).self().certificate.expiry, before.certificate.expiry.plus(kDayS));
    EXPECT_GT(world.node(1).self().descriptor.sequence, before.descriptor.sequence);
}

}  // namespace
}  // namespace phantom::mesh::sim
