#pragma once

// What the control socket answers: `phantom`'s verbs over a MeshNode. Schemas are versioned by name.

#include <boost/json.hpp>

#include "daemon/mesh_node.h"

namespace phantom::daemon {

// What is asked for; "" where the request does not say.
[[nodiscard]] std::string verb_of(const boost::json::object& request);

// `stop` is set by the verb "down".
[[nodiscard]] boost::json::object answer_control(
    const boost::json::object& request, MeshNode& node, bool& stop
);

}  // namespace phantom::daemon
