#pragma once

// What other members say of whom they act against: evidence, never verdicts. Bounded, so that a member which has
// gone bad can neither fill what is remembered nor say much of many. One thread; no I/O.

#include <map>
#include <optional>

#include "respond/finding.h"

namespace phantom::respond {

inline constexpr std::size_t kPeerReportsMax = 4'096;
inline constexpr std::size_t kPeerReportsOfOneMax = 64;
// Whatever they say, it holds no longer.
inline constexpr Duration kPeerReportLifetime = std::chrono::hours(1);
// They repeat themselves; it is taken as often.
inline constexpr Duration kPeerReportAgain = std::chrono::seconds(50);
// How strongly one member's word speaks for an attack, and all of them: at most that of a weak sign of our own.
inline constexpr double kPeerReportLlr = 2;
inline constexpr double kPeerReportsLlrMax = 4;
inline constexpr double kPeerReportSeverity = 5;

struct PeerReport {
    std::string reporter;  // the member's name, as the session proves it
    wire::Address subject;
    WallTime until;
    double confidence = 0;  // 0 to 1
    std::string rule;
};

class PeerReports {
  public:
    // None: over, nothing new, or more than it may say.
    [[nodiscard]] std::optional<Finding> heard(const PeerReport& report, WallTime now);
    [[nodiscard]] std::size_t size() const;
    [[nodiscard]] std::uint64_t refused() const { return refused_; }

  private:
    void forget_old(WallTime now);
    [[nodiscard]] std::size_t reporters_of(const wire::Address& subject) const;

    struct Told {
        WallTime at;
        std::size_t reporters = 0;
    };
    std::map<std::string, std::map<wire::Address, WallTime>> until_;  // by who says it
    std::map<wire::Address, Told> told_;
    std::uint64_t refused_ = 0;
};

}  // namespace phantom::respond
