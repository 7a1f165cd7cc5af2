#include "assess/blast.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "assess/errors.h"
#include "base/random.h"

namespace phantom::assess {
namespace {

using Kind = BlastNode::Kind;

// laptop -> web -> database -> backup, laptop -> printer; behind web lies a network.
enum : NodeIndex { kLaptop, kWeb, kDatabase, kBackup, kPrinter, kNetwork };

BlastGraph office() {
    const std::vector<BlastNode> nodes{
        {Kind::kPeer, 1}, {Kind::kPeer, 2}, {Kind::kPeer, 8},
        {Kind::kPeer, 4}, {Kind::kPeer, 0}, {Kind::kPrefix, 1},
    };
    const std::vector<BlastEdge> edges{
        {kWeb, kNetwork, 5, 0},     {kLaptop, kWeb, 3, 1},     {kWeb, kDatabase, 2, 1},
        {kDatabase, kBackup, 1, 1}, {kLaptop, kPrinter, 0, 1}, {kBackup, kDatabase, 7, 1},
    };
    return BlastGraph::make(nodes, edges).value();
}

TEST(BlastRadius, halves_with_each_step) {
    const BlastGraph graph = office();
    BlastWalk walk;
    const Blast blast = walk.from(graph, kLaptop);
    EXPECT_NEAR(blast.share, (1 + (0.5 * (2 + 0)) + (0.25 * (8 + 1)) + (0.125 * 4)) / 16, 1e-12);
    EXPECT_EQ(blast.peers, 4U);
    EXPECT_EQ(blast.prefixes, 1U);
    EXPECT_EQ(blast.flows, 5U + 3 + 2 + 1 + 7);
    EXPECT_EQ(blast.sessions, 5U);
    const Blast printer = walk.from(graph, kPrinter);
    EXPECT_EQ(printer, Blast()) << "it reaches nothing and is worth nothing";
}

TEST(BlastRadius, of_what_an_action_leaves) {
    const BlastGraph graph = office();
    BlastWalk walk;
    const BlastEdge denied{.from = kWeb, .to = kDatabase};
    const Blast less = walk.from(graph, kLaptop, {.nodes = {}, .edges = {&denied, 1}});
    EXPECT_NEAR(less.share, (1 + (0.5 * 2) + (0.25 * 1)) / 16, 1e-12);
    EXPECT_EQ(less.peers, 2U);
    EXPECT_EQ(less.flows, 8U);
    const NodeIndex isolated = kWeb;
    const Blast least = walk.from(graph, kLaptop, {.nodes = {&isolated, 1}, .edges = {}});
    EXPECT_NEAR(least.share, 1.0 / 16, 1e-12);
    EXPECT_EQ(least.peers, 1U);
    EXPECT_EQ(least.flows, 0U) << "flows to what is isolated are cut as well";
    const NodeIndex itself = kLaptop;
    EXPECT_EQ(walk.from(graph, kLaptop, {.nodes = {&itself, 1}, .edges = {}}), Blast());
    EXPECT_EQ(walk.from(graph, kLaptop).peers, 4U) << "a cut holds for one search";
}

TEST(BlastRadius, of_nothing_worth_anything_is_none) {
    const std::vector<BlastNode> nodes(2, BlastNode{Kind::kPeer, 0});
    const BlastEdge edge{.from = 0, .to = 1};
    const auto graph = BlastGraph::make(nodes, {&edge, 1}).value();
    const Blast blast = BlastWalk().from(graph, 0);
    EXPECT_EQ(blast.share, 0);
    EXPECT_EQ(blast.peers, 1U);
}

TEST(BlastGraph, refuses_what_is_no_graph) {
    const std::vector<BlastNode> nodes(2);
    const std::vector<BlastEdge> edges{{0, 1}, {1, 2}};
    const auto unknown = BlastGraph::make(nodes, edges);
    ASSERT_FALSE(unknown.has_value());
    EXPECT_TRUE(unknown.error().is(AssessError::kUnknownNode));
    EXPECT_EQ(unknown.error().detail(), 1U);
    for (const double bad : {-1.0, std::nan(""), std::numeric_limits<double>::infinity()}) {
        const BlastNode node{Kind::kPeer, bad};
        EXPECT_TRUE(BlastGraph::make({&node, 1}, {}).error().is(AssessError::kBadCriticality));
    }
    const std::vector<BlastNode> many(kBlastNodesMax + 1);
    EXPECT_TRUE(BlastGraph::make(many, {}).error().is(AssessError::kTooManyNodes));
    const std::vector<BlastEdge> crowd(kBlastEdgesMax + 1);
    EXPECT_TRUE(BlastGraph::make(nodes, crowd).error().is(AssessError::kTooManyEdges));
    EXPECT_EQ(BlastGraph::make({}, {})->node_count(), 0U);
}

struct Drawn {
    std::vector<BlastNode> nodes;
    std::vector<BlastEdge> edges;
};

Drawn draw(Random& random) {
    Drawn drawn;
    const std::uint64_t count = 1 + random.below(12);
    while (drawn.nodes.size() < count) {
        drawn.nodes.push_back(
            {random.below(4) == 0 ? Kind::kPrefix : Kind::kPeer,
             static_cast<double>(random.below(10))}
        );
    }
    for (std::uint64_t left = random.below(30); left > 0; --left) {
        drawn.edges.push_back(
            {static_cast<NodeIndex>(random.below(count)),
             static_cast<NodeIndex>(random.below(count)), random.next_u32() % 9, 1}
        );
    }
    return drawn;
}

// By relaxing every edge as often as there are nodes (Bellman and Ford).
double share_by_relaxation(const Drawn& drawn, NodeIndex subject) {
    constexpr double kFar = 1e9;
    std::vector<double> distance(drawn.nodes.size(), kFar);
    distance[subject] = 0;
    for (std::size_t round = 0; round < drawn.nodes.size(); ++round) {
        for (const BlastEdge& edge : drawn.edges) {
            distance[edge.to] = std::min(distance[edge.to], distance[edge.from] + 1);
        }
    }
    double reached = 0;
    double all = 0;
    for (std::size_t node = 0; node < drawn.nodes.size(); ++node) {
        reached += drawn.nodes[node].criticality * std::exp2(-distance[node]);
        all += drawn.nodes[node].criticality;
    }
    return all > 0 ? reached / all : 0;
}

RC_GTEST_PROP(BlastRadius, is_what_the_formula_says_on_any_graph, (std::uint64_t seed)) {
    SeededRandom random(seed);
    const Drawn drawn = draw(random);
    const auto graph = BlastGraph::make(drawn.nodes, drawn.edges).value();
    BlastWalk walk;
    for (NodeIndex subject = 0; subject < drawn.nodes.size(); ++subject) {
        const Blast blast = walk.from(graph, subject);
        RC_ASSERT(std::abs(blast.share - share_by_relaxation(drawn, subject)) < 1e-9);
    }
}

RC_GTEST_PROP(BlastRadius, of_a_cut_is_that_of_the_graph_without_it, (std::uint64_t seed)) {
    SeededRandom random(seed);
    const Drawn drawn = draw(random);
    const auto graph = BlastGraph::make(drawn.nodes, drawn.edges).value();
    const std::size_t cut_count = random.below(drawn.edges.size() + 1);
    const auto cut = std::span(drawn.edges).first(cut_count);
    Drawn rest = drawn;
    std::erase_if(rest.edges, [&](const BlastEdge& edge) {
        return std::ranges::any_of(cut, [&](const BlastEdge& each) {
            return each.from == edge.from && each.to == edge.to;
        });
    });
    const auto less = BlastGraph::make(rest.nodes, rest.edges).value();
    BlastWalk walk;
    const Blast after = walk.from(graph, 0, {.nodes = {}, .edges = cut});
    RC_ASSERT(after == walk.from(less, 0));
    RC_ASSERT(after.share <= walk.from(graph, 0).share);
}

}  // namespace
}  // namespace phantom::assess
