#include "mesh/neighbours.h"

#include <map>
#include <set>

#include <gtest/gtest.h>

#include "mesh/scale_fixture.h"

namespace phantom::mesh {
namespace {

using identity::NodeId;

bool nobody_is_dead(const NodeId& /*node*/) {
    return false;
}

// Of a mesh of so many, everybody's neighbours.
std::map<NodeId, Neighbours> choices_of(const Directory& directory, const IsDead& is_dead) {
    std::map<NodeId, Neighbours> all;
    for (const auto& [node, member] : directory.members()) {
        all.emplace(node, choose_neighbours(directory, node, is_dead));
    }
    return all;
}

bool includes(const std::vector<NodeId>& nodes, const NodeId& node) {
    return std::ranges::find(nodes, node) != nodes.end();
}

// How many steps from one to the farthest; none: somebody is never reached.
std::optional<int> steps_to_all(const std::map<NodeId, Neighbours>& choices) {
    std::set<NodeId> reached{choices.begin()->first};
    int steps = 0;
    while (reached.size() < choices.size()) {
        std::set<NodeId> next = reached;
        for (const NodeId& node : reached) {
            const auto& others = choices.at(node).all;
            next.insert(others.begin(), others.end());
        }
        if (next.size() == reached.size()) {
            return std::nullopt;
        }
        reached = std::move(next);
        ++steps;
    }
    return steps;
}

TEST(Neighbours, few_members_are_all_of_them) {
    const Directory& directory = scale::cast(kFullMeshMax).directory;
    for (const auto& [node, chosen] : choices_of(directory, nobody_is_dead)) {
        EXPECT_EQ(chosen.all.size(), kFullMeshMax - 1);
        EXPECT_FALSE(includes(chosen.all, node));
    }
}

TEST(Neighbours, of_many_a_few_and_both_ends_agree) {
    const Directory& directory = scale::cast(200).directory;
    const auto choices = choices_of(directory, nobody_is_dead);
    std::size_t sum = 0;
    for (const auto& [node, chosen] : choices) {
        sum += chosen.all.size();
        EXPECT_EQ(chosen.ring.size(), 2 * kRingNear);
        EXPECT_LE(chosen.all.size(), 2 * kRingNear + kFingers * (1 + kClaimantsMax));
        for (const NodeId& other : chosen.all) {
            EXPECT_TRUE(includes(choices.at(other).all, node));
        }
        for (const NodeId& other : chosen.ring) {
            EXPECT_TRUE(includes(choices.at(other).ring, node));
        }
    }
    EXPECT_LE(sum / choices.size(), 12U);
    EXPECT_LE(steps_to_all(choices).value(), 6);
}

TEST(Neighbours, beyond_dead_ones_living_ones_are_found) {
    const Directory& directory = scale::cast(200).directory;
    std::set<NodeId> dead;
    for (const auto& [node, member] : directory.members()) {
        if (node.bytes[0] % 2 == 0) {
            dead.insert(node);
        }
    }
    for (const auto& [node, member] : directory.members()) {
        const Neighbours chosen = choose_neighbours(directory, node, [&](const NodeId& other) {
            return dead.contains(other);
        });
        EXPECT_GE(
            std::ranges::count_if(
                chosen.ring, [&](const NodeId& other) { return !dead.contains(other); }
            ),
            2
        );
    }
}

TEST(Neighbours, home_relays_are_public_ones_and_everybody_finds_the_same) {
    const Directory& directory = scale::cast(200).directory;
    std::map<NodeId, int> load;
    for (const auto& [node, member] : directory.members()) {
        const auto relays = home_relays(directory, node, nobody_is_dead);
        ASSERT_EQ(relays.size(), kHomeRelays);
        for (const NodeId& relay : relays) {
            EXPECT_NE(relay, node);
            EXPECT_TRUE(is_public_relay(*directory.find(relay)));
            ++load[relay];
        }
        // Without the first, the second is the first, and everything else is as it was.
        const auto others =
            home_relays(directory, node, [&](const NodeId& relay) { return relay == relays[0]; });
        EXPECT_EQ(others[0], relays[1]);
    }
    for (const auto& [relay, count] : load) {
        EXPECT_LT(count, 60) << "400 choices among some 33 relays";
    }
}

TEST(Neighbours, public_places_are_those_that_anybody_reaches) {
    for (const char* text :
         {"10.0.0.1:1", "192.168.1.1:1", "172.16.0.1:1", "100.64.0.1:1", "127.0.0.1:1",
          "169.254.0.1:1", "[fd00::1]:1", "[fe80::1]:1", "[::1]:1"}) {
        EXPECT_FALSE(is_public_place(wire::SocketAddress::parse(text).value())) << text;
    }
    for (const char* text : {"192.0.2.1:1", "[2001:db8::1]:1", "172.32.0.1:1"}) {
        EXPECT_TRUE(is_public_place(wire::SocketAddress::parse(text).value())) << text;
    }
}

}  // namespace
}  // namespace phantom::mesh
