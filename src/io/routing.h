#pragma once

// Routes and rules of the kernel, in whatever network namespace the interface behind a TUN descriptor
// is. Thread: control. Source: rtnetlink(7), linux/fib_rules.h.

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "wire/address.h"

namespace phantom::io {

inline constexpr std::uint32_t kMainTable = 254;  // RT_TABLE_MAIN

// To what is beyond the interface; one that is there already is replaced. The kernel takes it away with
// the interface.
// `source`: what packets on it come from, where it is not none.
[[nodiscard]] Status add_route(
    int tun_fd, const wire::Prefix& to, const wire::Address& source,
    std::uint32_t table = kMainTable
);
[[nodiscard]] Status remove_route(
    int tun_fd, const wire::Prefix& to, std::uint32_t table = kMainTable
);

// Ends the default way of a family where no other route of the table does: the sender is told that
// there is none. Stays when the interface goes.
[[nodiscard]] Status add_unreachable(int tun_fd, wire::Family family, std::uint32_t table);
[[nodiscard]] Status remove_unreachable(int tun_fd, wire::Family family, std::uint32_t table);

// "Look into this table", before or after other rules.
struct Rule {
    wire::Family family = wire::Family::kV4;
    std::uint32_t priority = 0;
    std::uint32_t table = kMainTable;
    std::optional<std::uint32_t> unless_mark;  // for packets without this mark only
    bool but_default = false;  // what the table says of default routes is passed over
};
[[nodiscard]] Status add_rule(int tun_fd, const Rule& rule);
[[nodiscard]] Status remove_rule(int tun_fd, const Rule& rule);

}  // namespace phantom::io
