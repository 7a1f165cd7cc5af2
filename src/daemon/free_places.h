#pragma once

// What another mesh, or another program, has taken on this machine already, and what is still free. A
// machine may be in several meshes: each has a daemon of its own (docs/meshes.md says why), so what they
// share is asked of the kernel.

#include <cstdint>
#include <string>

namespace phantom::daemon {

inline constexpr int kMeshesTriedMax = 64;

// The first of phantom0, phantom1, ... that does not exist.
[[nodiscard]] std::string free_interface();
// The first from kDefaultListenPort on that no socket has, for IPv4 nor IPv6.
[[nodiscard]] std::uint16_t free_udp_port();
// A tunnel's interface other than `own` that has an address of 100.64.0.0/10: another mesh, or Tailscale.
// Empty: there is none. A provider that translates gives such an address to the uplink, and few beside
// it, so that both can be used.
[[nodiscard]] std::string other_owner_of_overlay_v4(const std::string& own);
// It is a TUN or TAP device: its addresses are inside some tunnel.
[[nodiscard]] bool is_tunnel_interface(const char* interface);

}  // namespace phantom::daemon
