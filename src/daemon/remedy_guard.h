#pragma once

// What is never acted against from this machine, looked at anew for each action: a machine moves, and
// members come and go. Thread: control.

#include <expected>
#include <string>

#include "daemon/mesh_node.h"
#include "remedy/firewall_table.h"
#include "remedy/guard.h"

namespace phantom::daemon {

struct Guarded {
    remedy::GuardOptions options;
    remedy::Management management;  // what passes while this machine is isolated
};
// This machine, its gateway and resolvers, the members that hold the root, and what the owner's list
// says. In words where that list cannot be read: then nothing is acted against.
[[nodiscard]] std::expected<Guarded, std::string> look_at_guarded(
    MeshNode& node, const std::string& resolv_conf
);

}  // namespace phantom::daemon
