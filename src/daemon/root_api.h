#pragma once

// What the control socket answers about the root's key. Schemas are versioned by name.

#include <optional>

#include <boost/json.hpp>

#include "daemon/mesh_node.h"

namespace phantom::daemon {

// None: `verb` is none of "root.".
[[nodiscard]] std::optional<boost::json::object> answer_root(
    std::string_view verb, const boost::json::object& request, MeshNode& node
);

}  // namespace phantom::daemon
