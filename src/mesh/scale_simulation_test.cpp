// Large meshes under a virtual clock, each from one seed: what a node says while nothing happens, how
// news, deaths and revocations travel, who can reach whom, and what a liar can do. For more nodes:
//     PM_SCALE_NODES=1000 build/release/mesh_test --gtest_filter='ScaleSimulation.*'

#include <cstdio>
#include <cstdlib>

#include <gtest/gtest.h>

#include "mesh/scale_fixture.h"

namespace phantom::mesh::scale {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(NDEBUG)
constexpr Index kManyUsually = 60;
#else
constexpr Index kManyUsually = 100;
#endif
constexpr std::uint64_t kSeed = 1;
// After a start of all at once, links are made within this.
constexpr Duration kSettling = 40s;

const Index kMany = [] {
    const char* text = std::getenv("PM_SCALE_NODES");
    return text == nullptr ? kManyUsually : static_cast<Index>(std::strtoul(text, nullptr, 10));
}();

double seconds(Duration duration) {
    return std::chrono::duration<double>(duration).count();
}

bool knows_revoked(World& world, Index index, Index revoked) {
    return world.node(index).directory().revocations().contains(world.id_of(revoked));
}

TEST(ScaleSimulation, idle_node_says_little_whatever_the_mesh_has) {
    constexpr double kBytesPerSecondMax = 1'500;
    for (const Index count : {Index{10}, kMany}) {
        World world(kSeed, count);
        world.run_for(kSettling + 80s);
        const std::uint64_t before = world.bytes_sent();
        world.run_for(60s);
        const double rate =
            static_cast<double>(world.bytes_sent() - before) / 60 / static_cast<double>(count);
        double links = 0;
        std::size_t most = 0;
        for (Index index = 0; index < count; ++index) {
            const std::size_t linked = world.node(index).link_count(world.now());
            links += static_cast<double>(linked) / count;
            most = std::max(most, linked);
        }
        std::printf(
            "%u nodes, idle: %.0f bytes/s each, %.1f links, at most %zu\n", count, rate, links, most
        );
        EXPECT_LT(rate, kBytesPerSecondMax);
        EXPECT_EQ(world.false_deaths(), 0U);
    }
}

TEST(ScaleSimulation, news_and_revocations_reach_everybody) {
    World world(kSeed, kMany);
    world.run_for(kSettling);
    const Index teller = 4;
    world.act(teller, [&](Actions& out) {
        const Status said = world.node(teller).set_endpoints(
            {public_place(teller), private_place(teller)}, world.wall(teller), out
        );
        EXPECT_TRUE(said.has_value());
    });
    const std::uint64_t sequence = world.node(teller).self().descriptor.sequence;
    const Duration told = world.run_until(
        [&] {
            return world.count_if([&](Index index) {
                const auto* member = world.node(index).directory().find(world.id_of(teller));
                return member != nullptr && member->descriptor.sequence == sequence;
            }) == kMany;
        },
        120s
    );
    EXPECT_LT(told, 120s);

    const Index revoked = 9;
    const auto revocation = world.shared().root.revocation(world.id_of(revoked));
    world.act(0, [&](Actions& out) {
        EXPECT_TRUE(world.node(0).revoke(revocation, world.wall(0), out).has_value());
    });
    const Duration gone = world.run_until(
        [&] {
            return world.count_if([&](Index index) {
                return index == revoked || knows_revoked(world, index, revoked);
            }) == kMany;
        },
        120s
    );
    EXPECT_LT(gone, 120s);
    std::printf("a record: %.1f s, a revocation: %.1f s\n", seconds(told), seconds(gone));
    // It does not come back, by its own record or by a neighbour's.
    const Record record{world.shared().directory.find(world.id_of(revoked))->encode().value()};
    for (Index index = 10; index < 20; ++index) {
        EXPECT_FALSE(world.inject(revoked, index, record).has_value());
        EXPECT_FALSE(world.inject(8, index, record).has_value());
    }
    world.run_for(90s);
    EXPECT_EQ(
        world.count_if([&](Index index) {
            return index != revoked &&
                   world.node(index).directory().find(world.id_of(revoked)) != nullptr;
        }),
        0U
    );
}

TEST(ScaleSimulation, deaths_are_found_within_seconds_and_only_those) {
    World world(kSeed, kMany);
    for (Index index = 0; index < kMany; ++index) {
        world.host(index).clock_skew_s = static_cast<std::int64_t>(index % 400) - 200;
    }
    world.run_for(kSettling);
    const std::vector<Index> victims{3, 17, 40, 41, 55};
    for (const Index victim : victims) {
        world.crash(victim);
    }
    const auto known_dead = [&](Index victim) {
        return world.count_if([&](Index index) {
            return world.node(index).state_of(world.id_of(victim)).state == MemberState::kDead;
        });
    };
    const Duration first = world.run_until(
        [&] {
            return std::ranges::all_of(victims, [&](Index each) { return known_dead(each) > 0; });
        },
        60s
    );
    const Duration all = world.run_until(
        [&] {
            return std::ranges::all_of(victims, [&](Index each) {
                return known_dead(each) == kMany - victims.size();
            });
        },
        120s
    );
    std::printf("all found: %.1f s, known to all %.1f s later\n", seconds(first), seconds(all));
    EXPECT_LT(first, 30s);
    EXPECT_LT(all, 120s);
    EXPECT_EQ(world.false_deaths(), 0U);
    for (const Index victim : victims) {
        world.restart(victim);
    }
    EXPECT_LT(world.run_until([&] { return world.false_deaths() == 0; }, 120s), 120s);
}

TEST(ScaleSimulation, every_pair_is_connected_on_demand) {
    World world(kSeed, kMany);
    world.run_for(kSettling);
    std::vector<Duration> took;
    for (int pair = 0; pair < 60; ++pair) {
        const Index from = world.draw();
        const Index to = (from + 1 + world.draw() % (kMany - 1)) % kMany;
        world.use(from, to);
        took.push_back(world.run_until([&] { return world.connected(from, to); }, 30s, 20ms));
        EXPECT_LT(took.back(), 30s) << from << " to " << to;
    }
    std::ranges::sort(took);
    std::printf("on demand: median %.2f s, at most %.2f s\n", seconds(took[30]), seconds(took[59]));
}

TEST(ScaleSimulation, link_that_nobody_uses_ends) {
    World world(kSeed, kMany);
    world.run_for(kSettling);
    const Index from = 2;
    Index to = 5;
    while (world.node(from).is_neighbour(world.id_of(to)) ||
           world.node(to).is_neighbour(world.id_of(from))) {
        to += 3;
    }
    world.use(from, to);
    EXPECT_LT(world.run_until([&] { return world.connected(from, to); }, 30s), 30s);
    world.run_for(kWantedFor + 2 * kLinkTimeout);
    EXPECT_FALSE(world.connected(from, to));
    EXPECT_FALSE(world.host(from).sessions.contains(to));
}

TEST(ScaleSimulation, partition_heals_and_both_sides_hear_the_news) {
    World world(kSeed, kMany);
    world.run_for(kSettling);
    for (Index index = 0; index < kMany; ++index) {
        world.host(index).side = index < kMany / 2 ? 0 : 1;
    }
    world.run_for(60s);
    const std::array<Index, 2> tellers{0, kMany - 1};
    for (const Index teller : tellers) {
        world.act(teller, [&](Actions& out) {
            EXPECT_TRUE(world.node(teller)
                            .set_endpoints(
                                {world.host(teller).outside, private_place(teller)},
                                world.wall(teller), out
                            )
                            .has_value());
        });
    }
    world.run_for(30s);
    for (Index index = 0; index < kMany; ++index) {
        world.host(index).side = 0;
    }
    const auto healed = [&] {
        return world.count_if([&](Index index) {
            return std::ranges::all_of(tellers, [&](Index teller) {
                return world.node(index).directory().find(world.id_of(teller))->descriptor ==
                       world.node(teller).self().descriptor;
            });
        }) == kMany;
    };
    const Duration news = world.run_until(healed, 180s, 500ms);
    const Duration alive = world.run_until([&] { return world.false_deaths() == 0; }, 180s, 500ms);
    std::printf("healed: news %.1f s, all alive %.1f s later\n", seconds(news), seconds(alive));
    EXPECT_LT(news, 180s);
    EXPECT_LT(alive, 180s);
}

TEST(ScaleSimulation, one_way_silence_kills_nobody) {
    World world(kSeed, kMany);
    world.run_for(kSettling);
    for (Index index = 0; index + 1 < kMany; index += 10) {
        for (Index other = 0; other < kMany; other += 2) {
            world.silence(index, other);
        }
    }
    world.run_for(60s);
    EXPECT_EQ(world.false_deaths(), 0U);
}

TEST(ScaleSimulation, liar_kills_nobody_and_forges_nothing) {
    World world(kSeed, kMany);
    world.run_for(kSettling);
    const Index liar = 7;
    identity::MemberRecord forged = *world.shared().directory.find(world.id_of(12));
    forged.descriptor.sequence += 1'000;
    for (int second = 0; second < 30; ++second) {
        for (Index to = 0; to < kMany; to += 20) {
            Rumours lies;
            for (Index victim = 20; victim < 20 + kRumoursMax; ++victim) {
                lies.entries.push_back(
                    {world.id_of(victim), identity::kNow.s + 3'700, MemberState::kDead,
                     world.id_of(victim + 1)}
                );
            }
            (void)world.inject(liar, to, lies);
            (void)world.inject(liar, to, Summary{true, {{world.id_of(12), UINT64_MAX - 1}}});
            EXPECT_FALSE(world.inject(liar, to, Record{forged.encode().value()}).has_value());
        }
        world.run_for(1s);
    }
    world.run_for(30s);
    EXPECT_EQ(world.false_deaths(), 0U);
    const auto* known = world.node(40).directory().find(world.id_of(12));
    EXPECT_EQ(*known, *world.shared().directory.find(world.id_of(12)));
}

// One knows all, the other but its introducer: what is missing comes range by range.
TEST(ScaleSimulation, newcomer_learns_everybody) {
    World world(kSeed, kMany);
    const Index newcomer = 5;
    const Index introducer = 0;
    Directory little(world.shared().root.key.verify_key(), world.shared().verifier);
    for (const Index index : {newcomer, introducer}) {
        const auto* member = world.shared().directory.find(world.id_of(index));
        EXPECT_TRUE(little.add(*member, world.wall(0)).value());
    }
    world.crash(newcomer);
    world.run_for(kSettling);
    world.restart(newcomer, little);
    const Duration took = world.run_until(
        [&] { return world.node(newcomer).directory().members().size() == kMany; }, 180s
    );
    std::printf("newcomer knows all: %.1f s\n", seconds(took));
    EXPECT_LT(took, 180s);
}

TEST(ScaleSimulation, member_that_asks_for_all_again_and_again_gets_its_share) {
    World world(kSeed, kMany);
    world.run_for(kSettling);
    const Index greedy = 3;
    const Index giver = 8;
    Want all;
    for (Index index = 0; index < kMany && all.nodes.size() < kWantedMax; ++index) {
        all.nodes.push_back(world.id_of(index));
    }
    const Summary nothing{true, {}};  // fifty bytes: "I have nobody"
    std::uint64_t sent = 0;
    constexpr int kSeconds = 20;
    for (int tenth = 0; tenth < 10 * kSeconds; ++tenth) {
        for (const AnyMessage& message : {AnyMessage(all), AnyMessage(nothing)}) {
            Actions actions;
            EXPECT_TRUE(world.node(giver)
                            .receive(
                                world.key_of(greedy), world.host(greedy).outside, encode(message),
                                world.now(), world.wall(giver), actions
                            )
                            .has_value());
            for (const Send& each : actions.sends) {
                sent += each.to == world.key_of(greedy) ? each.message.size() : 0;
            }
        }
        world.run_for(100ms);
    }
    EXPECT_LE(sent, kAnswersBurstBytes + (kSeconds + 1) * kAnswersBytesPerSecond);
    EXPECT_GE(sent, kAnswersBurstBytes);
    // Others are served all the same.
    EXPECT_EQ(world.false_deaths(), 0U);
    EXPECT_TRUE(world.connected(greedy, giver));
}

TEST(ScaleSimulation, who_has_just_joined_is_known_to_all_and_knows_all) {
    World world(kSeed, kMany);
    world.run_for(kSettling);
    const Index newcomer = world.join(0);
    const std::uint64_t whole = world.node(0).directory().tree().hash(Prefix{});
    const auto knows_all = [&](Index index) {
        return world.node(index).directory().tree().hash(Prefix{}) == whole;
    };
    EXPECT_LT(world.run_until([&] { return world.count_if(knows_all) == kMany + 1; }, 60s), 60s);
    EXPECT_TRUE(knows_all(newcomer));
}

TEST(ScaleSimulation, all_who_were_admitted_by_one_know_each_other) {
    World world(kSeed, kMany);
    world.join_all(0);
    const std::uint64_t whole = world.shared().directory.tree().hash(Prefix{});
    const auto knows_all = [&](Index index) {
        return world.node(index).directory().tree().hash(Prefix{}) == whole;
    };
    EXPECT_LT(world.run_until([&] { return world.count_if(knows_all) == kMany; }, 60s), 60s);
}

}  // namespace
}  // namespace phantom::mesh::scale
