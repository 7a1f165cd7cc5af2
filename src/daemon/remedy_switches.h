#pragma once

// The node's side of actions against members and routes (remedy/node_acts.h): what several of them come
// to for one member is worked out here. Thread: control.

#include <set>

#include "daemon/mesh_node.h"
#include "daemon/route_service.h"
#include "remedy/node_acts.h"

namespace phantom::daemon {

[[nodiscard]] remedy::MemberId member_id(const identity::NodeId& node);
[[nodiscard]] identity::NodeId node_id(const remedy::MemberId& member);

class RemedySwitches final : public remedy::NodeSwitches {
  public:
    // Both outlive it.
    RemedySwitches(MeshNode& node, RouteService& routes) : node_(node), routes_(routes) {}

    [[nodiscard]] Status check(const remedy::Target& target) override;
    [[nodiscard]] Status set(const remedy::Target& target, bool in_force) override;
    [[nodiscard]] bool is_set(const remedy::Target& target) override;

  private:
    [[nodiscard]] MeshNode::Restriction restriction_of(const remedy::MemberId& member) const;
    void withdraw_routes();

    MeshNode& node_;
    RouteService& routes_;
    std::set<remedy::Target> on_;
};

}  // namespace phantom::daemon
