// Whole meshes under a virtual clock. The network plays the tunnel: an attempt that gets through
// makes a session, and only a session carries messages, which it loses, delays and repeats.
// Everything follows from one seed, which a failure prints; run it again, or many more, with
//     PM_SIM_SEED=<seed> build/release/mesh_test --gtest_filter='*Simulation*'
//     PM_SIM_SEEDS=10000 build/release/mesh_test --gtest_filter='*Simulation*'

#include <cstdlib>

#include "mesh/simulation_fixture.h"

namespace phantom::mesh::sim {
namespace {

constexpr std::uint64_t kSeeds = 100;

std::uint64_t environment(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// `scenario` in a mesh of 3 to `count_max` hosts, for each seed until one fails.
template <class Scenario>
void for_each_seed(std::size_t count_max, Scenario scenario, std::uint64_t seeds = kSeeds) {
    const std::uint64_t only = environment("PM_SIM_SEED", 0);
    const std::uint64_t last = only != 0 ? only : environment("PM_SIM_SEEDS", seeds);
    for (std::uint64_t seed = only != 0 ? only : 1; seed <= last; ++seed) {
        SCOPED_TRACE("PM_SIM_SEED=" + std::to_string(seed));
        // More small meshes than large ones: the price goes with the square.
        const std::size_t spread = 1 + seed % (count_max - 2);
        World world(seed, 3 + SeededRandom(seed).below(spread));
        scenario(world);
        if (testing::Test::HasFailure()) {
            return;
        }
    }
}

TEST(MeshSimulation, nodes_that_know_only_the_introducer_link_with_everybody) {
    Duration slowest{};
    for_each_seed(kHostsMax, [&](World& world) {
        world.admit_all();
        const Duration took = world.run_until([&] { return world.converged(); });
        EXPECT_LT(took, kPatience);
        world.expect_equal_directories();
        slowest = std::max(slowest, took);
    });
    std::printf("slowest mesh: %.1f s\n", std::chrono::duration<double>(slowest).count());
}

TEST(MeshSimulation, revoked_node_is_out_and_stays_out) {
    for_each_seed(4, [](World& world) {
        world.admit_all();
        ASSERT_LT(world.run_until([&] { return world.converged(); }), kPatience);
        const std::size_t revoked = 1 + world.draw(world.count() - 1);
        // Somebody may hear of it only later.
        const std::size_t away = world.draw(world.count());
        world.host(away).apart = away != 0 && away != revoked;
        ASSERT_TRUE(world
                        .act(
                            0,
                            [&](Actions& out) {
                                return world.node(0).revoke(
                                    cast().revocations[revoked], world.wall(), out
                                );
                            }
                        )
                        .has_value());
        world.run_for(Duration(1s) * world.draw(60));
        world.host(away).apart = false;
        EXPECT_LT(world.run_until([&] { return world.converged_without(revoked); }), kPatience);

        const Message record = encode(Record{world.host(revoked).self.encode().value()});
        for (int second = 0; second < 20; ++second) {
            for (std::size_t index = 0; index < world.count(); ++index) {
                Actions actions;
                const Status status = world.inject(revoked, index, record, actions);
                EXPECT_TRUE(index == revoked || status.error().is(MeshError::kNotAMember));
                // Nor by way of a member that passes it on.
                const std::size_t other = (index + 1) % world.count();
                if (index != revoked && other != revoked) {
                    EXPECT_FALSE(world.inject(other, index, record, actions).has_value());
                    EXPECT_TRUE(actions.joined.empty());
                }
            }
            world.run_for(1s);
        }
        for (std::size_t index = 0; index < world.count(); ++index) {
            if (index != revoked) {
                EXPECT_EQ(world.node(index).directory().find(World::id_of(revoked)), nullptr);
                EXPECT_EQ(world.host(index).left, std::vector{World::key_of(revoked)});
            }
        }
    });
}

TEST(MeshSimulation, node_that_lost_its_state_becomes_current_again) {
    for_each_seed(4, [](World& world) {
        const std::size_t loser = 1 + world.draw(world.count() - 1);
        // What the others remember is ahead of what the loser still has.
        const MemberRecord old = world.host(loser).self;
        world.admit_all();
        const auto move = [&](const char* to) {
            return world.act(loser, [&](Actions& out) {
                return world.node(loser).set_endpoints(
                    {wire::SocketAddress::parse(to).value(), world.host(loser).outside},
                    world.wall(), out
                );
            });
        };
        ASSERT_TRUE(move("10.0.0.1:51820").has_value());
        ASSERT_LT(world.run_until([&] { return world.converged(); }), kPatience);
        const std::uint64_t remembered = world.node(loser).self().descriptor.sequence;
        ASSERT_GT(remembered, old.descriptor.sequence);

        world.boot(loser, old);
        world.admit(loser);
        const Duration took = world.run_until([&] {
            return world.node(loser).self().descriptor.sequence > remembered && world.converged();
        });
        EXPECT_LT(took, kPatience);
        for (std::size_t index = 0; index < world.count(); ++index) {
            EXPECT_EQ(
                *world.node(index).directory().find(World::id_of(loser)), world.node(loser).self()
            );
        }
    });
}

TEST(MeshSimulation, partition_heals) {
    for_each_seed(5, [](World& world) {
        world.admit_all();
        world.run_until([&] { return world.converged(); });
        const std::uint64_t sides = 1 + world.draw((1U << world.count()) - 2);
        for (std::size_t index = 0; index < world.count(); ++index) {
            world.host(index).apart = (sides >> index & 1U) != 0;
        }
        world.run_for(60s);
        EXPECT_FALSE(world.converged());
        // Both sides have news for the other.
        for (const std::size_t index : {std::size_t{0}, world.count() - 1}) {
            ASSERT_TRUE(world
                            .act(
                                index,
                                [&](Actions& out) {
                                    return world.node(index).set_endpoints(
                                        {world.host(index).outside, place("10.0.0.", index)},
                                        world.wall(), out
                                    );
                                }
                            )
                            .has_value());
        }
        world.run_for(60s);
        for (std::size_t index = 0; index < world.count(); ++index) {
            world.host(index).apart = false;
        }
        EXPECT_LT(world.run_until([&] { return world.converged(); }), kPatience);
        world.expect_equal_directories();
    });
}

TEST(MeshSimulation, nodes_behind_routers_meet_by_what_others_see) {
    for_each_seed(4, [](World& world) {
        world.put_behind_router(1);
        world.put_behind_router(2);
        world.admit_all();
        EXPECT_LT(world.run_until([&] { return world.converged(); }), kPatience);
        // Long enough for both to try seldom, so not at the same moment.
        world.host(1).apart = true;
        world.run_for(60s + Duration(1s) * world.draw(60));
        world.host(1).apart = false;
        EXPECT_LT(world.run_until([&] { return world.converged(); }), kPatience);
    });
}

TEST(MeshSimulation, nobody_but_members_changes_anything) {
    static const TestNode stranger(99, kMlDsa44Ed25519);
    static const TestRoot other_root(200, kMlDsa44Ed25519);
    static const MemberRecord stranger_record = other_root.member(stranger);
    static const MemberRecord stolen = other_root.member(*cast().nodes[1]);
    for_each_seed(
        4,
        [](World& world) {
            world.admit_all();
            ASSERT_LT(world.run_until([&] { return world.converged(); }), kPatience);
            // Ends what is told between members.
            world.weather.loss_percent = 100;
            world.run_for(1s);
            const auto members = world.node(0).directory().members();
            const std::vector<AnyMessage> said{
                Summary{true, {{stranger.keys.first_id(), 1}}},
                Want{{World::id_of(0), World::id_of(1)}},
                Record{stranger_record.encode().value()},
                Record{stolen.encode().value()},
                Record{world.node(1).self().encode().value()},
                Revoke{cast().revocations[1].encode().value()},
                Revoke{other_root.revocation(World::id_of(1)).encode().value()},
                Ping{1},
                Pong{1, world.host(1).outside},
                Seen{{{World::id_of(1), world.host(2).outside}}},
                JoinRequest{},
                JoinRefusal{},
            };
            const auto& key = stranger.keys.public_keys().wireguard;
            for (const AnyMessage& message : said) {
                Actions actions;
                const Status status = world.node(0).receive(
                    key, world.host(1).outside, encode(message), world.now(), world.wall(), actions
                );
                ASSERT_FALSE(status.has_value());
                EXPECT_TRUE(status.error().is(MeshError::kNotAMember));
                world.node(0).session_began(key, world.now(), actions);
                EXPECT_TRUE(actions.sends.empty() && actions.attempts.empty());
                EXPECT_TRUE(actions.joined.empty() && actions.left.empty());
                EXPECT_FALSE(actions.save || actions.revoked_ourselves);
            }
            EXPECT_EQ(world.node(0).directory().members(), members);
            EXPECT_TRUE(world.node(0).directory().revocations().entries().empty());
        },
        20
    );  // chance has little part in it
}

// Whoever could make a node believe in a greatest possible word of its own would silence it.
TEST(MeshSimulation, own_record_that_the_node_did_not_sign_is_refused) {
    World world(1, 3);
    world.admit_all();
    ASSERT_LT(world.run_until([&] { return world.converged(); }), kPatience);
    const MemberRecord self = world.node(0).self();
    MemberRecord forged = self;
    forged.descriptor.sequence = (std::uint64_t{1} << identity::kGenerationShift) - 1;
    Actions actions;
    const Status status = world.inject(1, 0, encode(Record{forged.encode().value()}), actions);
    ASSERT_FALSE(status.has_value());
    EXPECT_TRUE(status.error().is(identity::IdentityError::kBadSignature));
    EXPECT_EQ(world.node(0).self(), self);
}

TEST(MeshSimulation, idle_mesh_says_little) {
    constexpr double kBytesPerSecondMax = 1'500;
    World world(1, 3);
    world.admit_all();
    ASSERT_LT(world.run_until([&] { return world.converged(); }), kPatience);
    world.run_for(60s);
    for (std::size_t index = 0; index < world.count(); ++index) {
        world.host(index).bytes_sent = 0;
    }
    world.run_for(600s);
    for (std::size_t index = 0; index < world.count(); ++index) {
        const double rate = static_cast<double>(world.host(index).bytes_sent) / 600;
        std::printf("node %zu, idle: %.1f bytes/s\n", index, rate);
        EXPECT_LT(rate, kBytesPerSecondMax);
    }
}

}  // namespace
}  // namespace phantom::mesh::sim
