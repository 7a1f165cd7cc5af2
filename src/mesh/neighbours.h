#pragma once

// With whom a node keeps a link. Few members: with all. More: with the next ones by id on either side,
// with fingers at growing distances by id, so that news crosses the mesh in few steps, and with two home
// relays. Everybody works out the same from the directory, so both ends of a link want it, and anybody
// knows through whom a node behind a router can be called. To others links are made on demand.
//
// Ids are hashes: who is near whom says nothing about the network, and nobody chooses it.
// Fingers: Chord (Stoica et al. 2001). Home relays: highest random weight (Thaler and Ravishankar 1998).

#include <functional>
#include <vector>

#include "mesh/directory.h"

namespace phantom::mesh {

// So many members, ourselves included, are all neighbours of each other.
inline constexpr std::size_t kFullMeshMax = 16;
// Living members wanted on either side, and how far beyond dead ones they are looked for.
inline constexpr std::size_t kRingNear = 2;
inline constexpr std::size_t kRingFar = 8;
inline constexpr std::size_t kFingers = 3;
// Of those that choose us with one finger so many are answered.
inline constexpr std::size_t kClaimantsMax = 8;
inline constexpr std::size_t kHomeRelays = 2;

using IsDead = std::function<bool(const identity::NodeId&)>;

struct Neighbours {
    std::vector<identity::NodeId> ring;  // who watch each other
    std::vector<identity::NodeId> all;   // ascending, the ring among them
};

[[nodiscard]] Neighbours choose_neighbours(
    const Directory& directory, const identity::NodeId& self, const IsDead& is_dead
);

// Carries for others, and says that it can be reached from anywhere.
[[nodiscard]] bool is_public_relay(const identity::MemberRecord& member);
[[nodiscard]] bool is_public_place(const wire::SocketAddress& place);
// How much a node would like this relay.
[[nodiscard]] std::uint64_t relay_weight(
    const identity::NodeId& relay, const identity::NodeId& node
);
// The best first; looks at every member.
[[nodiscard]] std::vector<identity::NodeId> home_relays(
    const Directory& directory, const identity::NodeId& node, const IsDead& is_dead
);

}  // namespace phantom::mesh
