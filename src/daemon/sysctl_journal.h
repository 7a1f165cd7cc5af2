#pragma once

// Settings of the kernel's network, changed and put back as they were, also by the run after one that
// was killed: what they were is in the state directory before anything is changed.

#include <optional>
#include <string>
#include <vector>

#include "identity/state_directory.h"

namespace phantom::daemon {

// A machine with thousands of interfaces has a forwarding setting for each.
inline constexpr std::size_t kSysctlJournalSizeMax = 1U << 20U;

class SysctlJournal {
  public:
    struct Setting {
        std::string name;  // below the root: "ipv4/ip_forward"
        std::string value;
    };

    // `file`: its name in the state directory. What an earlier run left there is pending.
    SysctlJournal(
        identity::StateDirectory& files, std::string file, std::string root = "/proc/sys/net"
    );

    // Whether there is something to undo, be it only what the owner of the journal did beside.
    [[nodiscard]] bool pending() const { return pending_; }
    // Notes what `touched` are, in the order in which they are to be put back, then sets. What was noted
    // before is forgotten: not while something is set. A sentence where it failed.
    [[nodiscard]] std::optional<std::string> set(
        const std::vector<std::string>& touched, const std::vector<Setting>& settings
    );
    // What is gone by now, and what is as it was, is left alone.
    void undo();

    // Empty: there is no such setting.
    [[nodiscard]] std::string value_of(const std::string& name) const;
    // "ipv4/conf/*/forwarding" with every interface in place of the star, "all" first.
    [[nodiscard]] std::vector<std::string> each_of(
        const std::string& folder, const std::string& name
    ) const;

  private:
    [[nodiscard]] bool write(const Setting& setting) const;
    [[nodiscard]] std::vector<Setting> read() const;

    identity::StateDirectory& files_;
    std::string file_;
    std::string root_;
    bool pending_;
};

}  // namespace phantom::daemon
