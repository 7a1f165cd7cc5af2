#pragma once

// What an action would cut, as far as this machine can see: for a dry run, and for those who decide.

#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "daemon/mesh_node.h"
#include "remedy/target.h"

namespace phantom::daemon {

// /proc/net/tcp and its kind: the remote ends of connections. What is malformed is passed over.
[[nodiscard]] std::vector<wire::Address> remote_ends_in(std::string_view table);

// `members` that it is about, by name; `connections` of this machine's with whom it is about; `routes`
// that go by them; `tunnels` to members whose endpoint is in the prefix.
[[nodiscard]] boost::json::object effect_of(const remedy::Target& target, const MeshNode& node);

// The name of a member, or its id where nobody is known by it.
[[nodiscard]] std::string member_name(const remedy::MemberId& member, const MeshNode& node);
// For people: "203.0.113.9", "birch", "10.0.0.0/8 via birch", "@self".
[[nodiscard]] std::string target_text(const remedy::Target& target, const MeshNode& node);

}  // namespace phantom::daemon
