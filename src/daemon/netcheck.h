#pragma once

// What `phantom netcheck` shows: how this node is reached, why not better, and what to do about it.
// Nothing is sent for it; it is what the node knows already. Thread: control.

#include <boost/json.hpp>

#include "daemon/reach_service.h"

namespace phantom::daemon {

[[nodiscard]] boost::json::object netcheck(const MeshNode& node, const ReachService::View& view);

}  // namespace phantom::daemon
