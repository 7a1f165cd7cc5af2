#pragma once

// This node as a router for other members: it forwards between the mesh and the networks that it
// carries, and nothing else, and shows itself to those networks in place of the members. The kernel
// does both: forwarding switched on, and a table of our own in nftables. Thread: control.

#include <optional>
#include <string>
#include <vector>

#include "daemon/sysctl_journal.h"
#include "wire/address.h"

namespace phantom::daemon {

inline constexpr const char* kRouterTable = "phantommesh_routes";

// The rules as `nft` reads them: the table replaced in one transaction.
[[nodiscard]] std::string router_rules(
    const std::string& interface, const std::vector<wire::Prefix>& overlay,
    const std::vector<wire::Prefix>& carried
);

class RouterRules {
  public:
    RouterRules(
        identity::StateDirectory& files, std::string interface, std::vector<wire::Prefix> overlay
    );

    // Empty: undoes everything. A sentence where it failed; nothing is forwarded then.
    [[nodiscard]] std::optional<std::string> apply(const std::vector<wire::Prefix>& carried);
    // Also what an earlier run left.
    void undo();

  private:
    [[nodiscard]] std::optional<std::string> forward(bool v4, bool v6);

    SysctlJournal journal_;
    std::string interface_;
    std::vector<wire::Prefix> overlay_;
};

}  // namespace phantom::daemon
