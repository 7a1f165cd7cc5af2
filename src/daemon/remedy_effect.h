#pragma once

// What an action would cut, as far as this machine can see: for a dry run, and for those who decide.

#include <string>
#include <vector>

#include <boost/json.hpp>

#include "daemon/current_flows.h"
#include "daemon/mesh_node.h"
#include "remedy/target.h"

namespace phantom::daemon {

// Names in their order, the first kNamesListed; `count` is how many there are.
struct NameList {
    std::size_t count = 0;
    std::vector<std::string> listed;
    void add(std::string name);
};
struct Effect {
    bool cuts = true;  // false: it slows down, or begins anew
    CurrentFlows::Matched flows;
    NameList members;  // that it is about
    NameList routes;   // that go by them
    NameList tunnels;  // to members whose endpoint is among what is cut
};
[[nodiscard]] Effect effect_of(
    const remedy::Target& target, const MeshNode& node, CurrentFlows& flows,
    Duration patience = kFlowsPatience
);
// "would cut 3 flows: tcp 100.64.0.7:40000 -> 100.64.0.9:22, ...; members: birch"
[[nodiscard]] std::string to_string(const Effect& effect);
[[nodiscard]] boost::json::object to_json(const Effect& effect);

// The name of a member, or its id where nobody is known by it.
[[nodiscard]] std::string member_name(const remedy::MemberId& member, const MeshNode& node);
// For people: "203.0.113.9", "birch", "10.0.0.0/8 via birch", "@self".
[[nodiscard]] std::string target_text(const remedy::Target& target, const MeshNode& node);
// What is so while it is in force: "packets of 203.0.113.9 are dropped", "birch is isolated".
[[nodiscard]] std::string deed_text(const remedy::Target& target, const MeshNode& node);

}  // namespace phantom::daemon
