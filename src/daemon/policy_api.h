#pragma once

// What the control socket answers about the policy. Schemas are versioned by name.

#include <optional>

#include <boost/json.hpp>

#include "daemon/mesh_node.h"

namespace phantom::daemon {

// None: `verb` is none of "policy.".
[[nodiscard]] std::optional<boost::json::object> answer_policy(
    std::string_view verb, const boost::json::object& request, MeshNode& node
);

}  // namespace phantom::daemon
