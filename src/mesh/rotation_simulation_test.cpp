// Members change all their keys while others are linked, away, restarted, or at the same time.

#include "mesh/simulation_fixture.h"

namespace phantom::mesh::sim {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kRotationSeeds = 8;
// What a change may take where a third of the messages is lost: a few repetitions.
constexpr Duration kRotationPatience = 180s;

class RotationSimulation : public testing::TestWithParam<std::uint64_t> {
  protected:
    RotationSimulation() : world_(GetParam(), 4) {
        world_.host(0).grants = true;
        world_.boot(0, cast().publics[0]);
        PM_ASSERT(world_
                      .act(
                          0,
                          [&](Actions& out) {
                              return world_.node(0).set_capability(
                                  identity::Capability::kIntroducer, true, world_.wall(), out
                              );
                          }
                      )
                      .has_value());
        world_.admit_all();
        PM_ASSERT(world_.run_until([&] { return world_.converged(); }) < kPatience);
    }

    // `at` knows `of` by the keys that it has.
    [[nodiscard]] bool knows(std::size_t at, std::size_t of) {
        return world_.known_key(at, of) == world_.host(of).keys->public_keys().wireguard;
    }
    [[nodiscard]] bool all_know(std::size_t of, std::size_t but = kHostsMax) {
        for (std::size_t at = 0; at < world_.count(); ++at) {
            if (at != but && !knows(at, of)) {
                return false;
            }
        }
        return true;
    }
    void expect_rotated(std::size_t index, std::uint16_t generation) {
        const MemberRecord& self = world_.node(index).self();
        EXPECT_EQ(self.certificate.generation, generation);
        EXPECT_EQ(self.certificate.keys, world_.host(index).keys->hash());
        EXPECT_EQ(self.certificate.node, World::id_of(index));
        EXPECT_EQ(self.descriptor.node, World::id_of(index));
        EXPECT_FALSE(world_.node(index).is_rotating());
        EXPECT_TRUE(world_.host(index).left.empty()) << "nobody is put out by it";
    }

    World world_;
    SeededRandom random_{1};
};

TEST_P(RotationSimulation, every_member_changes_its_keys_and_all_hear_of_it) {
    for (std::size_t index = 0; index < world_.count(); ++index) {
        world_.rotate(index);
        ASSERT_LT(
            world_.run_until([&] { return !world_.node(index).is_rotating() && all_know(index); }),
            kRotationPatience
        ) << index;
        expect_rotated(index, 1);
    }
    EXPECT_LT(world_.run_until([&] { return world_.converged(); }), kPatience);
    world_.expect_equal_directories();
}

TEST_P(RotationSimulation, all_at_once) {
    for (std::size_t index = 0; index < world_.count(); ++index) {
        world_.rotate(index);
    }
    const auto done = [&] {
        for (std::size_t index = 0; index < world_.count(); ++index) {
            if (world_.node(index).is_rotating() || !all_know(index)) {
                return false;
            }
        }
        return true;
    };
    ASSERT_LT(world_.run_until(done), kRotationPatience);
    EXPECT_LT(world_.run_until([&] { return world_.converged(); }), kPatience);
    world_.expect_equal_directories();
}

TEST_P(RotationSimulation, one_that_was_away_finds_it_under_its_key_of_before) {
    world_.host(3).apart = true;
    world_.run_for(30s);
    world_.rotate(1);
    ASSERT_LT(
        world_.run_until([&] { return !world_.node(1).is_rotating() && all_know(1, 3); }),
        kRotationPatience
    );
    EXPECT_FALSE(knows(3, 1));
    // Nobody else is there to tell it.
    world_.host(3).apart = world_.host(1).apart = true;
    world_.host(0).apart = world_.host(2).apart = false;
    world_.boot_with_memory(3);
    ASSERT_LT(world_.run_until([&] { return knows(3, 1); }), kPatience);
    EXPECT_TRUE(world_.node(3).is_linked(World::id_of(1), world_.now()));
}

TEST_P(RotationSimulation, root_that_is_away_is_waited_for_and_a_restart_asks_for_the_same_keys) {
    world_.host(0).apart = true;
    world_.run_for(30s);
    world_.rotate(1);
    const auto wanted = world_.host(1).next_keys->hash();
    world_.run_for(300s);
    EXPECT_TRUE(world_.node(1).is_rotating());
    world_.boot_with_memory(1);
    world_.run_for(30s);
    EXPECT_TRUE(world_.node(1).is_rotating());
    world_.host(0).apart = false;
    ASSERT_LT(
        world_.run_until([&] { return !world_.node(1).is_rotating() && all_know(1); }),
        kRotationPatience
    );
    expect_rotated(1, 1);
    EXPECT_EQ(world_.node(1).self().certificate.keys, wanted);
}

// The grant came and could not be stored; then the process ended. The keys are asked for again, and
// come under the same generation.
TEST_P(RotationSimulation, what_could_not_be_stored_is_not_announced_and_asked_for_again) {
    world_.host(1).disk_is_full = true;
    world_.rotate(1);
    world_.run_for(120s);
    EXPECT_TRUE(world_.node(1).is_rotating());
    EXPECT_GE(world_.host(0).renewals, 1U);
    EXPECT_TRUE(all_know(1)) << "by the keys it has";
    EXPECT_EQ(world_.node(1).self().certificate.generation, 0U);
    world_.host(1).disk_is_full = false;
    world_.boot_with_memory(1);
    ASSERT_LT(
        world_.run_until([&] { return !world_.node(1).is_rotating() && all_know(1); }),
        kRotationPatience
    );
    expect_rotated(1, 1);
}

TEST_P(RotationSimulation, restarts_after_it_with_what_it_has_on_disk) {
    world_.rotate(1);
    ASSERT_LT(world_.run_until([&] { return !world_.node(1).is_rotating(); }), kRotationPatience);
    world_.boot_with_memory(1);
    ASSERT_LT(world_.run_until([&] { return all_know(1) && world_.converged(); }), kPatience);
    expect_rotated(1, 1);
}

// Somebody has the state directory as it was before.
TEST_P(RotationSimulation, old_copy_of_the_state_is_nobody) {
    const MemberRecord before = world_.node(1).self();
    const identity::NodeKeys* stolen = world_.host(1).keys;
    world_.rotate(1);
    ASSERT_LT(
        world_.run_until([&] { return !world_.node(1).is_rotating() && all_know(1); }),
        kRotationPatience
    );
    const MemberRecord now = world_.node(1).self();
    MemberRecord forged = before;
    forged.descriptor.sequence = (std::uint64_t{1} << identity::kGenerationShift) - 1;
    ASSERT_TRUE(forged.descriptor.sign(stolen->signing()).has_value());
    for (const MemberRecord& each : {before, forged}) {
        Actions actions;
        (void)world_.inject(2, 0, encode(Record{each.encode().value()}), actions);
        EXPECT_TRUE(actions.joined.empty());
        EXPECT_TRUE(actions.rekeyed.empty());
        EXPECT_EQ(*world_.node(0).directory().find(World::id_of(1)), now);
    }
    // It cannot have the keys changed back, either.
    const auto request = make_renew_request(before.descriptor, stolen->signing());
    world_.run_for(kRenewIntervalMin);
    Actions actions;
    EXPECT_FALSE(world_.inject(1, 0, encode(*request), actions).has_value());
    EXPECT_TRUE(actions.renewals.empty());
    // And is told that it is nobody: its own restart, brought back from the copy.
    world_.host(1).keys = stolen;
    world_.boot(1, before);
    Actions told;
    (void)world_.act(1, [&](Actions& out) {
        return world_.node(1).add(world_.host(0).self, world_.wall(), out);
    });
    (void)world_.inject(0, 1, encode(Record{now.encode().value()}), told);
    EXPECT_TRUE(told.keys_replaced);
    EXPECT_EQ(world_.node(1).self(), before);
}

TEST_P(RotationSimulation, key_of_another_member_is_not_certified) {
    MemberRecord wanted = world_.node(1).self();
    wanted.descriptor.keys.wireguard = World::key_of(2);
    ASSERT_TRUE(wanted.descriptor.sign(world_.host(1).keys->signing()).has_value());
    const auto request = make_renew_request(wanted.descriptor, world_.host(1).keys->signing());
    Actions actions;
    EXPECT_FALSE(world_.inject(1, 0, encode(*request), actions).has_value());
    EXPECT_TRUE(actions.renewals.empty());
}

TEST_P(RotationSimulation, keys_are_due_at_a_year_of_age) {
    Actions actions;
    world_.node(2).tick(world_.now() + kMaintenanceInterval, world_.wall(), random_, actions);
    EXPECT_FALSE(actions.rotation_due);
    world_.skip(kKeysLifetimeS / 10 * 11 - 5 * 86'400);
    MemberRecord renewed = world_.node(2).self();
    renewed.certificate.expiry = world_.wall().plus(365 * 86'400);
    ASSERT_TRUE(renewed.certificate.issue(cast().root.key).has_value());
    world_.boot(2, renewed);
    world_.skip(5 * 86'400);
    world_.node(2).tick(world_.now(), world_.wall(), random_, actions);
    EXPECT_TRUE(actions.rotation_due);
    world_.rotate(2);
    Actions asked;
    world_.node(2).tick(world_.now(), world_.wall(), random_, asked);
    EXPECT_FALSE(asked.rotation_due) << "they are asked for already";
}

INSTANTIATE_TEST_SUITE_P(
    Seeds, RotationSimulation, testing::Range<std::uint64_t>(1, kRotationSeeds + 1)
);

}  // namespace
}  // namespace phantom::mesh::sim
