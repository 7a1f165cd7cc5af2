#pragma once

// MITRE ATT&CK: which tactics a technique serves, and how far along an attack that is. The table is loaded from
// what is given (ATT&CK changes twice a year); only the order of tactics has a default.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace phantom::assess {

inline constexpr std::size_t kTacticsMax = 32;
inline constexpr std::size_t kTechniquesMax = 8'192;

// ATT&CK for enterprises, in the order of its matrix. Defense evasion is what versions before 19 call what is
// now stealth and defense impairment.
inline constexpr std::array<std::string_view, 16> kEnterpriseTactics{
    "reconnaissance",  "resource-development", "initial-access", "execution",
    "persistence",     "privilege-escalation", "stealth",        "defense-impairment",
    "defense-evasion", "credential-access",    "discovery",      "lateral-movement",
    "collection",      "command-and-control",  "exfiltration",   "impact",
};

// T1110.003: the technique 1110, the sub-technique 3 (0: none).
struct TechniqueId {
    std::uint16_t technique = 0;
    std::uint16_t sub = 0;

    [[nodiscard]] static std::optional<TechniqueId> parse(std::string_view text);
    [[nodiscard]] std::string to_string() const;
    friend constexpr auto operator<=>(TechniqueId, TechniqueId) = default;
};

struct TechniqueEntry {
    std::string_view id;
    std::vector<std::string_view> tactics;
};

// A set of tactics, a bit for each in the order they stand in.
using TacticSet = std::uint32_t;

class TechniqueTable {
  public:
    TechniqueTable() = default;

    [[nodiscard]] static Result<TechniqueTable> make(
        std::span<const std::string_view> tactic_order, std::span<const TechniqueEntry> entries
    );

    // A sub-technique that is not listed has its technique's; 0: neither is listed.
    [[nodiscard]] TacticSet tactics_of(TechniqueId id) const;
    // Whether `next` may be a step beyond `first`: it serves a later tactic than the earliest of `first`.
    [[nodiscard]] bool is_successor(TechniqueId first, TechniqueId next) const;
    // Of a set of one at least: the earliest.
    [[nodiscard]] std::string_view first_of(TacticSet tactics) const;
    [[nodiscard]] std::size_t size() const { return rows_.size(); }

  private:
    struct Row {
        TechniqueId id;
        TacticSet tactics = 0;
    };
    std::vector<std::string> order_;
    std::vector<Row> rows_;  // sorted by id
};

}  // namespace phantom::assess
