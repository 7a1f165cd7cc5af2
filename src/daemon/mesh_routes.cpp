// What MeshNode does for others and for routes: says what this node offers, and tells the tunnel what is
// behind whom. Which routes hold is decided elsewhere (route_plan.h).

#include <algorithm>

#include "base/log.h"
#include "daemon/mesh_node.h"

namespace phantom::daemon {

Status MeshNode::offer(identity::Capability capability, bool offered) {
    mesh::Actions actions;
    PM_TRY(mesh_.set_capability(capability, offered, unix_now(), actions));
    carry_out(actions);
    return {};
}

Status MeshNode::set_relay(bool willing) {
    PM_TRY(offer(identity::Capability::kRelay, willing));
    tell_relaying();
    return {};
}

Status MeshNode::set_carrier_port(std::uint16_t port) {
    mesh::Actions actions;
    PM_TRY(mesh_.set_carrier_port(port, unix_now(), actions));
    carry_out(actions);
    return {};
}

void MeshNode::give_routes(std::map<crypto::PublicKey, std::vector<wire::Prefix>> routes) {
    wireguard::DeviceUpdate update;
    const auto change = [&](const crypto::PublicKey& key, const wire::Prefix& prefix, bool remove) {
        if (update.peers.empty() || update.peers.back().public_key != key) {
            wireguard::PeerUpdate& peer = update.peers.emplace_back();
            peer.public_key = key;
            peer.update_only = true;
        }
        update.peers.back().allowed_ips.push_back({.prefix = prefix, .remove = remove});
    };
    // Taken before given: a prefix has one owner.
    for (const auto& [key, prefixes] : routes_) {
        const auto kept = routes.find(key);
        for (const wire::Prefix& prefix : prefixes) {
            if (kept == routes.end() ||
                std::ranges::find(kept->second, prefix) == kept->second.end()) {
                change(key, prefix, true);
            }
        }
    }
    for (const auto& [key, prefixes] : routes) {
        for (const wire::Prefix& prefix : prefixes) {
            change(key, prefix, false);
        }
    }
    routes_ = std::move(routes);
    if (const Status applied = tunnel_.apply(update); !applied) {
        log::error("routes: {}", applied.error().message());
    }
}

}  // namespace phantom::daemon
