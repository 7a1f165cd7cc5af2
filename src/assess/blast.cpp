#include "assess/blast.h"

#include <algorithm>
#include <cmath>

#include "assess/errors.h"
#include "base/assert.h"

namespace phantom::assess {

namespace {

constexpr double kPerHop = 0.5;

bool is_cut(const BlastCut& cut, NodeIndex from, NodeIndex to) {
    return std::ranges::any_of(cut.edges, [&](const BlastEdge& each) {
        return each.from == from && each.to == to;
    });
}

Status check_graph(std::span<const BlastNode> nodes, std::span<const BlastEdge> edges) {
    if (nodes.size() > kBlastNodesMax) {
        return fail(AssessError::kTooManyNodes);
    }
    if (edges.size() > kBlastEdgesMax) {
        return fail(AssessError::kTooManyEdges);
    }
    for (std::size_t index = 0; index < nodes.size(); ++index) {
        if (!std::isfinite(nodes[index].criticality) || nodes[index].criticality < 0) {
            return fail(AssessError::kBadCriticality, static_cast<std::uint32_t>(index));
        }
    }
    for (std::size_t index = 0; index < edges.size(); ++index) {
        if (std::max(edges[index].from, edges[index].to) >= nodes.size()) {
            return fail(AssessError::kUnknownNode, static_cast<std::uint32_t>(index));
        }
    }
    return {};
}

}  // namespace

Result<BlastGraph> BlastGraph::make(
    std::span<const BlastNode> nodes, std::span<const BlastEdge> edges
) {
    PM_TRY(check_graph(nodes, edges));
    BlastGraph graph;
    graph.nodes_.assign(nodes.begin(), nodes.end());
    for (const BlastNode& node : nodes) {
        graph.criticality_sum_ += node.criticality;
    }
    // A counting sort by where an edge begins.
    graph.first_edge_.assign(nodes.size() + 1, 0);
    for (const BlastEdge& edge : edges) {
        ++graph.first_edge_[edge.from + 1];
    }
    for (std::size_t index = 1; index < graph.first_edge_.size(); ++index) {
        graph.first_edge_[index] += graph.first_edge_[index - 1];
    }
    auto next = graph.first_edge_;
    graph.edge_ends_.resize(edges.size());
    graph.edge_loads_.resize(edges.size());
    graph.node_loads_.resize(nodes.size());
    for (const BlastEdge& edge : edges) {
        const std::uint32_t place = next[edge.from]++;
        graph.edge_ends_[place] = edge.to;
        graph.edge_loads_[place] = {edge.flows, edge.sessions};
        graph.node_loads_[edge.from].flows += edge.flows;
        graph.node_loads_[edge.from].sessions += edge.sessions;
    }
    return graph;
}

void BlastWalk::begin(const BlastGraph& graph, const BlastCut& cut) {
    marks_.resize(std::max(marks_.size(), graph.node_count()), 0);
    search_ += 2;
    if (search_ == 0) {  // the number came round: the marks of before mean nothing any more
        std::ranges::fill(marks_, 0U);
        search_ = 2;
    }
    for (const NodeIndex node : cut.nodes) {
        PM_ASSERT(node < graph.node_count());
        marks_[node] = search_ + 1;
    }
    queue_.resize(std::max(queue_.size(), graph.node_count() + 1));
    queued_ = 0;
}

void BlastWalk::reach(NodeIndex node) {
    if (marks_[node] < search_) {
        marks_[node] = search_;
        queue_[queued_++] = node;
    }
}

void BlastWalk::follow(const BlastGraph& graph, NodeIndex from, Blast& blast) {
    blast.flows += graph.node_loads_[from].flows;
    blast.sessions += graph.node_loads_[from].sessions;
    const std::size_t first = graph.first_edge_[from];
    const std::size_t count = graph.first_edge_[from + 1] - first;
    // In locals: the compiler cannot know that a mark is no member of this.
    std::uint32_t* const marks = marks_.data();
    NodeIndex* const queue = queue_.data();
    std::size_t queued = queued_;
    const std::uint32_t search = search_;
    // And without a branch that no processor could foresee: one in ten is new.
    for (const NodeIndex to : std::span(graph.edge_ends_).subspan(first, count)) {
        queue[queued] = to;
        queued += marks[to] != search ? 1 : 0;
        marks[to] = search;
    }
    queued_ = queued;
}

void BlastWalk::follow_uncut(
    const BlastGraph& graph, NodeIndex from, const BlastCut& cut, Blast& blast
) {
    for (auto edge = graph.first_edge_[from]; edge < graph.first_edge_[from + 1]; ++edge) {
        const NodeIndex to = graph.edge_ends_[edge];
        if (marks_[to] <= search_ && !is_cut(cut, from, to)) {
            blast.flows += graph.edge_loads_[edge].flows;
            blast.sessions += graph.edge_loads_[edge].sessions;
            reach(to);
        }
    }
}

Blast BlastWalk::from(const BlastGraph& graph, NodeIndex subject, const BlastCut& cut) {
    PM_ASSERT(subject < graph.node_count());
    begin(graph, cut);
    reach(subject);
    const bool is_whole = cut.nodes.empty() && cut.edges.empty();
    Blast blast;
    double reached = 0;
    double weight = 1;  // 0.5^distance
    std::size_t at = 0;
    for (std::size_t end = queued_; at < end; end = queued_) {
        for (; at < end; ++at) {  // all of one distance
            const NodeIndex node = queue_[at];
            const BlastNode& reached_node = graph.nodes_[node];
            reached += weight * reached_node.criticality;
            if (node != subject) {
                ++(reached_node.kind == BlastNode::Kind::kPeer ? blast.peers : blast.prefixes);
            }
            if (is_whole) {
                follow(graph, node, blast);
            } else {
                follow_uncut(graph, node, cut, blast);
            }
        }
        weight *= kPerHop;
    }
    if (graph.criticality_sum_ > 0) {
        blast.share = std::min(reached / graph.criticality_sum_, 1.0);
    }
    return blast;
}

}  // namespace phantom::assess
