#pragma once

// What helps this node to be reached, beside the mesh's own gossip: a port mapped by the router, and
// beacons on the local network. Thread: control.

#include "daemon/lan_beacons.h"
#include "daemon/mesh_node.h"
#include "daemon/port_mapping.h"

namespace phantom::daemon {

// Between two looks at the default route, where the kernel does not say that something changed.
inline constexpr Duration kGatewayInterval = std::chrono::seconds(10);

class ReachService {
  public:
    struct Wanted {
        bool port_mapping = true;
        bool lan_discovery = true;
    };

    ReachService(MeshNode& node, io::EventLoop& loop, Random& random, const Wanted& wanted);

    void tick();
    // What `phantom netcheck` shows of it.
    struct View {
        Wanted wanted;
        std::optional<reach::Mapping> mapping;
        bool asking;
        const std::vector<reach::LanDiscovery::Neighbour>& neighbours;
    };
    [[nodiscard]] View view() const {
        return {wanted_, mapping_.mapping(), mapping_.is_asking(), beacons_.neighbours()};
    }
    // Gives back what the router holds for us.
    void stop();

  private:
    void look_around(Instant now);
    void tell_mapping();

    MeshNode& node_;
    Wanted wanted_;
    PortMapping mapping_;
    LanBeacons beacons_;
    std::optional<reach::Mapping> told_;
    std::uint64_t changes_seen_ = 0;
    Instant next_look_;
};

}  // namespace phantom::daemon
