#pragma once

// The ways from this machine into the mesh: a routing table of our own, and two rules that send
// packets there.
//
//   priority 20768   main, but no default route     what this machine is attached to comes first
//   priority 20769   our table, unless marked       networks behind members, and the exit
//
// The tunnel's own datagrams are marked, and never see the table: no route can cut the tunnel that it
// leads into. With an exit chosen the table ends in "unreachable": what the exit does not take leaves
// no other way, be the exit away or this daemon dead.
//
// Thread: control. After wg-quick(8), which does the same for a default route.

#include <optional>
#include <string>
#include <vector>

#include "daemon/sysctl_journal.h"
#include "wire/address.h"

namespace phantom::daemon {

inline constexpr std::uint32_t kRouteTable = 20'768;
inline constexpr std::uint32_t kRulePriority = 20'768;
inline constexpr std::uint32_t kTunnelMark = 0x5120;
inline constexpr const char* kExitTable = "phantommesh_exit";

struct ClientWays {
    std::vector<wire::Prefix> routed;
    bool exit_chosen = false;

    friend bool operator==(const ClientWays&, const ClientWays&) = default;
    [[nodiscard]] bool none() const { return routed.empty() && !exit_chosen; }
};

// For answers to the tunnel's datagrams, which a strict reverse path filter would look for behind the
// exit: they get the mark of what they answer. And nobody outside speaks to our overlay addresses.
[[nodiscard]] std::string exit_rules(
    const std::string& interface, const std::vector<wire::Address>& own
);

class ClientRoutes {
  public:
    struct Options {
        int tun_fd;
        std::string interface;
        std::vector<wire::Address> own;  // overlay addresses: what packets come from
    };
    ClientRoutes(identity::StateDirectory& files, Options options);

    // A sentence where it failed in part.
    [[nodiscard]] std::optional<std::string> apply(const ClientWays& ways);
    // Also what an earlier run left.
    void undo();

  private:
    [[nodiscard]] std::optional<std::string> begin(bool exit_chosen);
    [[nodiscard]] wire::Address source_for(wire::Family family) const;

    SysctlJournal journal_;
    Options options_;
    ClientWays applied_;
};

}  // namespace phantom::daemon
