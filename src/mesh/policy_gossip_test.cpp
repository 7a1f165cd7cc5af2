// The policy on its way through whole meshes that lose, delay and repeat; and what is refused.

#include "mesh/policy_gossip.h"

#include "mesh/simulation_fixture.h"

namespace phantom::mesh::sim {
namespace {

identity::PolicyRecord policy(std::uint64_t sequence) {
    identity::PolicyRecord made;
    made.sequence = sequence;
    made.issued = identity::kNow;
    made.text = "{}";
    PM_ASSERT(made.issue(cast().root.key).has_value());
    return made;
}

bool all_hold(World& world, std::uint64_t sequence) {
    for (std::size_t index = 0; index < world.count(); ++index) {
        const identity::PolicyRecord* held = world.node(index).policy();
        if (held == nullptr || held->sequence != sequence) {
            return false;
        }
    }
    return true;
}

void set(World& world, std::size_t index, const identity::PolicyRecord& record) {
    ASSERT_TRUE(world
                    .act(
                        index, [&](Actions& actions
                               ) { return world.node(index).set_policy(record, actions); }
                    )
                    .has_value());
}

TEST(PolicyGossip, reaches_every_node_soon_whatever_is_lost) {
    const auto first = policy(1);
    const auto second = policy(2);
    Duration slowest{};
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        SCOPED_TRACE(seed);
        World world(seed, 3 + seed % 4);
        world.admit_all();
        ASSERT_LT(world.run_until([&] { return world.converged(); }), kPatience);
        set(world, 0, first);
        ASSERT_LT(world.run_until([&] { return all_hold(world, 1); }), kPatience);
        // An older one changes nothing, wherever it comes from.
        set(world, 0, second);
        const Duration took = world.run_until([&] { return all_hold(world, 2); });
        ASSERT_LT(took, kPatience);
        slowest = std::max(slowest, took);
        set(world, 1, first);
        world.run_for(5s);
        EXPECT_TRUE(all_hold(world, 2));
    }
    std::printf("slowest: %.1f s\n", std::chrono::duration<double>(slowest).count());
    EXPECT_LE(slowest, Duration(2s)) << "up to 20 of 100 lost, and 300 ms of delay";
}

TEST(PolicyGossip, is_learned_by_who_was_away) {
    World world(7, 4);
    world.admit_all();
    ASSERT_LT(world.run_until([&] { return world.converged(); }), kPatience);
    world.host(2).apart = true;
    set(world, 0, policy(5));
    world.run_for(30s);
    EXPECT_EQ(world.node(2).policy(), nullptr);
    world.host(2).apart = false;
    EXPECT_LT(world.run_until([&] { return all_hold(world, 5); }), kPatience);
    world.boot(3, world.host(3).self);
    world.admit(3);
    EXPECT_LT(world.run_until([&] { return all_hold(world, 5); }), kPatience);
}

TEST(PolicyGossip, says_nothing_when_all_hold_it) {
    World world(3, 3);
    world.weather = {};
    world.admit_all();
    ASSERT_LT(world.run_until([&] { return world.converged(); }), kPatience);
    set(world, 0, policy(1));
    ASSERT_LT(world.run_until([&] { return all_hold(world, 1); }), kPatience);
    world.run_for(5s);
    PolicyGossip gossip(cast().root.key.verify_key());
    ASSERT_TRUE(gossip.take(policy(3)).value());
    PolicyGossip::Neighbour neighbour;
    EXPECT_TRUE(gossip.due(neighbour, world.now()).has_value());
    EXPECT_FALSE(gossip.due(neighbour, world.now()).has_value()) << "not twice at once";
    EXPECT_TRUE(gossip.due(neighbour, world.now() + kPolicyRepeatFirst).has_value());
    PolicyGossip::heard(neighbour, 3);
    EXPECT_FALSE(gossip.due(neighbour, world.now() + 60s).has_value()) << "it has answered";
}

TEST(PolicyGossip, takes_the_root_s_word_only) {
    World world(1, 3);
    world.admit_all();
    ASSERT_LT(world.run_until([&] { return world.converged(); }), kPatience);
    identity::PolicyRecord forged = policy(9);
    forged.text = "{ }";
    Actions actions;
    const Status taken = world.inject(0, 1, encode(Policy{forged.encode().value()}), actions);
    EXPECT_TRUE(taken.error().is(identity::IdentityError::kBadSignature));
    EXPECT_FALSE(actions.policy_changed);
    EXPECT_EQ(world.node(1).policy(), nullptr);
    identity::PolicyRecord foreign = policy(9);
    ASSERT_TRUE(foreign.issue(TestRoot(101, kMlDsa44Ed25519).key).has_value());
    EXPECT_TRUE(world.inject(0, 1, encode(Policy{foreign.encode().value()}), actions)
                    .error()
                    .is(identity::IdentityError::kWrongMesh));
    EXPECT_FALSE(world.inject(0, 1, encode(Policy{{1, 2, 3}}), actions).has_value());
}

}  // namespace
}  // namespace phantom::mesh::sim
