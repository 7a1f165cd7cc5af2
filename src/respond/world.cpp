#include "respond/world.h"

#include "base/assert.h"

namespace phantom::respond {

World::World() {
    build({}, {});
}

void World::build(const std::vector<Member>& members, const std::vector<assess::BlastEdge>& edges) {
    // The stranger, who is worth nothing.
    std::vector<assess::BlastNode> nodes{{.criticality = 0}};
    for (std::size_t member = 0; member < members.size(); ++member) {
        nodes.push_back({.criticality = members[member].criticality});
        for (const wire::Address& address : members[member].addresses) {
            places_[address] = {node_of(member), members[member].name};
        }
    }
    auto graph = assess::BlastGraph::make(nodes, edges);
    PM_ASSERT(graph.has_value());
    graph_ = std::move(*graph);
}

assess::NodeIndex World::index_of(const wire::Address& address) const {
    const auto found = places_.find(address);
    return found == places_.end() ? 0 : found->second.index;
}

std::string World::name_of(const wire::Address& address) const {
    const auto found = places_.find(address);
    return found == places_.end() ? "" : found->second.name;
}

}  // namespace phantom::respond
