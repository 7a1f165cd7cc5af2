#pragma once

// The mesh as far as a judgement needs it: who has which address, and what can be reached from where.

#include <map>
#include <string>
#include <vector>

#include "assess/blast.h"
#include "wire/address.h"

namespace phantom::respond {

struct Member {
    std::string name;
    std::vector<wire::Address> addresses;
    double criticality = 1;
};

class World {
  public:
    // Strangers only.
    World();
    // `reaches(from, to)`: whether the policy lets one member reach the other, by place in `members`. The
    // first kBlastNodesMax - 1.
    template <class Reaches>
    World(const std::vector<Member>& members, Reaches reaches) {
        std::vector<assess::BlastEdge> edges;
        for (std::size_t from = 0; from < members.size(); ++from) {
            for (std::size_t to = 0; to < members.size(); ++to) {
                if (from != to && edges.size() < assess::kBlastEdgesMax && reaches(from, to)) {
                    edges.push_back({.from = node_of(from), .to = node_of(to)});
                }
            }
        }
        build(members, edges);
    }

    [[nodiscard]] const assess::BlastGraph& graph() const { return graph_; }
    // Whoever is no member is the stranger: nothing of the mesh is known to be within his reach.
    [[nodiscard]] assess::NodeIndex index_of(const wire::Address& address) const;
    [[nodiscard]] std::string name_of(const wire::Address& address) const;

  private:
    struct Place {
        assess::NodeIndex index = 0;
        std::string name;
    };
    [[nodiscard]] static assess::NodeIndex node_of(std::size_t member) {
        return static_cast<assess::NodeIndex>(member + 1);
    }
    void build(const std::vector<Member>& members, const std::vector<assess::BlastEdge>& edges);

    assess::BlastGraph graph_;
    std::map<wire::Address, Place> places_;
};

}  // namespace phantom::respond
