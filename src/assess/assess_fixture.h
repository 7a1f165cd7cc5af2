#pragma once

// For tests and benchmarks only: a basis to judge by, whose graph is drawn from a seed.

#include <vector>

#include "assess/assess.h"
#include "assess/log_odds.h"
#include "base/random.h"

namespace phantom::assess::test {

inline BlastGraph drawn_graph(std::size_t nodes, std::size_t edges, std::uint64_t seed) {
    SeededRandom random(seed);
    std::vector<BlastNode> drawn_nodes(nodes);
    for (BlastNode& node : drawn_nodes) {
        node.criticality = static_cast<double>(1 + random.below(10));
        node.kind = random.below(10) == 0 ? BlastNode::Kind::kPrefix : BlastNode::Kind::kPeer;
    }
    std::vector<BlastEdge> drawn_edges(edges);
    for (BlastEdge& edge : drawn_edges) {
        edge = {
            static_cast<NodeIndex>(random.below(nodes)),
            static_cast<NodeIndex>(random.below(nodes)), random.next_u32() % 4, 1
        };
    }
    return BlastGraph::make(drawn_nodes, drawn_edges).value();
}

// Verdicts that came as the log-odds had said.
inline Calibration honest_calibration(std::size_t verdicts, std::uint64_t version) {
    SeededRandom random(version);
    std::vector<Verdict> drawn(verdicts);
    constexpr std::uint64_t kSteps = 1'000'000;
    for (Verdict& each : drawn) {
        each.log_odds = (static_cast<double>(random.below(kSteps)) / kSteps * 12) - 6;
        const double p = probability_of(each.log_odds);
        each.attack = static_cast<double>(random.below(kSteps)) < p * kSteps;
    }
    return Calibration::fit(drawn, {.version = version}).value();
}

inline TechniqueTable two_techniques() {
    const std::vector<TechniqueEntry> entries{
        {"T1110", {"credential-access"}}, {"T1046", {"discovery"}}
    };
    return TechniqueTable::make(kEnterpriseTactics, entries).value();
}

}  // namespace phantom::assess::test
