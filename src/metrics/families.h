#pragma once

// The table: all that a node counts. Looked up when it is compiled, so that a name that is not there does not build:
//
//     writer.write(family("phantommesh_tunnel_peers"), peers.size());

#include <algorithm>
#include <span>
#include <vector>

#include "metrics/defence_families.h"
#include "metrics/mesh_families.h"
#include "metrics/node_families.h"
#include "metrics/tunnel_families.h"

namespace phantom::metrics {

inline constexpr std::array<std::span<const Family>, 4> kFamilyGroups{
    std::span<const Family>(kTunnelFamilies), std::span<const Family>(kMeshFamilies),
    std::span<const Family>(kDefenceFamilies), std::span<const Family>(kNodeFamilies)
};

inline constexpr std::size_t kFamilyCount =
    kTunnelFamilies.size() + kMeshFamilies.size() + kDefenceFamilies.size() + kNodeFamilies.size();

consteval const Family& family(std::string_view name) {
    for (const std::span<const Family> group : kFamilyGroups) {
        for (const Family& each : group) {
            if (each.name == name) {
                return each;
            }
        }
    }
    throw "there is no such family: it has to stand in a table";
}

}  // namespace phantom::metrics
