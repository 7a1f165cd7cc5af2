#pragma once

// How far whoever is bad may get: what can be reached from a node over the policy and the routes, and what it is
// worth.
//
// The graph is data: the caller writes it from the policy and the routes that hold. It is built when these
// change, not for each finding.

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"

namespace phantom::assess {

// Members and networks of the largest mesh; grants between any two of 1,000.
inline constexpr std::size_t kBlastNodesMax = 131'072;
inline constexpr std::size_t kBlastEdgesMax = 4'194'304;

using NodeIndex = std::uint32_t;

struct BlastNode {
    enum class Kind : std::uint8_t { kPeer, kPrefix } kind = Kind::kPeer;
    double criticality = 1;  // what it is worth, beside the others; not below 0
};

// `from` may send to `to`.
struct BlastEdge {
    NodeIndex from = 0;
    NodeIndex to = 0;
    std::uint32_t flows = 0;  // alive now
    std::uint32_t sessions = 0;
};

// What an action would take away.
struct BlastCut {
    std::span<const NodeIndex> nodes;  // reached no more, and reaching nothing
    std::span<const BlastEdge> edges;  // those of the same two ends; the numbers do not matter
};

struct Blast {
    // Sum of criticality x 0.5^distance over all that is reached, the subject itself among it at distance 0, by
    // the sum of all criticality: 0 to 1. 0 where nothing is worth anything.
    double share = 0;
    // Of what is reached, the subject not counted.
    std::uint32_t peers = 0;
    std::uint32_t prefixes = 0;
    // On edges that begin at what is reached, the subject counted.
    std::uint64_t flows = 0;
    std::uint64_t sessions = 0;

    friend bool operator==(const Blast&, const Blast&) = default;
};

class BlastGraph {
  public:
    // Edges in any order; two of the same ends are one to the distance, and both count.
    [[nodiscard]] static Result<BlastGraph> make(
        std::span<const BlastNode> nodes, std::span<const BlastEdge> edges
    );

    [[nodiscard]] std::size_t node_count() const { return nodes_.size(); }

  private:
    friend class BlastWalk;

    struct Load {
        std::uint64_t flows = 0;
        std::uint64_t sessions = 0;
    };

    std::vector<BlastNode> nodes_;
    // The edges that begin at a node lie side by side, and their ends apart from the rest: the search reads
    // nothing else.
    std::vector<std::uint32_t> first_edge_;  // of each node, and one more
    std::vector<NodeIndex> edge_ends_;
    std::vector<Load> edge_loads_;
    std::vector<Load> node_loads_;  // of all that begin there
    double criticality_sum_ = 0;
};

// The memory of a search, so that one after the other allocates once. One thread.
class BlastWalk {
  public:
    // `subject` is a node of the graph. Breadth first.
    [[nodiscard]] Blast from(const BlastGraph& graph, NodeIndex subject, const BlastCut& cut = {});

  private:
    void begin(const BlastGraph& graph, const BlastCut& cut);
    void reach(NodeIndex node);
    void follow(const BlastGraph& graph, NodeIndex from, Blast& blast);
    void follow_uncut(const BlastGraph& graph, NodeIndex from, const BlastCut& cut, Blast& blast);

    // Even: the search that reached the node; one more: the search that it is cut away from.
    std::vector<std::uint32_t> marks_;
    std::vector<NodeIndex> queue_;  // a place more than there are nodes
    std::size_t queued_ = 0;
    std::uint32_t search_ = 0;
};

}  // namespace phantom::assess
