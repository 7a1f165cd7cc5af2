#pragma once

// The network as the node would find it: ports, the way out, the firewall.

#include <cstdint>

#include "doctor/facts.h"

namespace phantom::doctor {

// Looking for who has a port ends after so many descriptors of all processes.
inline constexpr int kDescriptorsLookedAtMax = 65'536;

// Whether IPv4 and IPv6 can bind it. `node_pid`: whose it may be.
[[nodiscard]] PortFacts read_port(std::uint16_t port, bool is_tcp, int node_pid);
// Sends an empty datagram to the gateway, from `udp_port` unless that `is_taken`, to it.
[[nodiscard]] WayOutFacts read_way_out(std::uint16_t udp_port, bool is_taken);
[[nodiscard]] FirewallFacts read_firewall();

}  // namespace phantom::doctor
