#pragma once

// Our table of the kernel's firewall as the program nft is told of it, and where in it a target stands.
//
//   blocked_v4, _v6        packets from these addresses are dropped
//   limited_v4_RATE, ...   those above so many bytes a second are
//   quarantine             families of which this machine sends and takes nothing but management

#include <cstdint>
#include <string>
#include <vector>

#include "remedy/executor.h"
#include "remedy/nft_elements.h"

namespace phantom::remedy {

// What passes while this machine is isolated, beside loopback, DHCP and neighbour discovery.
struct Management {
    std::vector<std::uint16_t> udp_ports = {};  // the tunnel's own
    std::uint32_t mark = 0;                     // of its datagrams; 0: none
    std::vector<wire::Address> addresses = {};  // of members that hold the root, of administrators
    friend bool operator==(const Management&, const Management&) = default;
};
inline constexpr std::size_t kManagementMax = 1'024;

// The sets are made before the rules that look into them, and the rules anew each time, so that a table
// of an older version is brought up to date; what the sets hold is not touched.
[[nodiscard]] std::string table_commands(const Management& management);
[[nodiscard]] std::size_t rules_in(const std::string& commands);

[[nodiscard]] bool is_firewalls(const Target& target);
// All of them in force, or none.
[[nodiscard]] std::vector<NftPlace> places_of(const Target& target);
// Each set, and of what it is one.
struct FirewallSet {
    std::string name;
    Executor executor;
    std::uint32_t option;
};
[[nodiscard]] const std::vector<FirewallSet>& firewall_sets();
// As each of the target's places would say it.
[[nodiscard]] Target target_of(const FirewallSet& set, const NftKey& key);

}  // namespace phantom::remedy
