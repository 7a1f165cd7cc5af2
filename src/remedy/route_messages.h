#pragma once

// Blackholes of our own routing table and the rule that looks into it, as netlink messages: what is sent,
// and what comes back. Bytes only; the socket is routes.cpp's. Source: rtnetlink(7), linux/fib_rules.h.

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "wire/address.h"

namespace phantom::remedy {

inline constexpr std::uint32_t kBlackholeTable = 20'770;
// Before the rules of routes into the mesh, and of the main table.
inline constexpr std::uint32_t kBlackholePriority = 20'760;
// What our routes and rules bear as their origin; the kernel leaves numbers above 4 to its users.
inline constexpr std::uint8_t kRouteProtocol = 112;

// Each asks for an acknowledgement, or is a dump.
[[nodiscard]] std::vector<std::uint8_t> blackhole_change(
    const wire::Prefix& to, bool add, std::uint32_t sequence
);
[[nodiscard]] std::vector<std::uint8_t> blackhole_rule_change(
    wire::Family family, bool add, std::uint32_t sequence
);
[[nodiscard]] std::vector<std::uint8_t> blackholes_dump(
    wire::Family family, std::uint32_t sequence
);
[[nodiscard]] std::vector<std::uint8_t> rules_dump(wire::Family family, std::uint32_t sequence);

// Where a message tells of a blackhole in our table.
[[nodiscard]] std::optional<wire::Prefix> blackhole_in(ByteView message);
// Whether a message tells of our rule.
[[nodiscard]] bool is_blackhole_rule(ByteView message);

}  // namespace phantom::remedy
