#pragma once

// What the owner of a machine wants left alone: a file of lines, each an address, a prefix or a member's
// name, with the kind of action in front where it is for one kind only; "#" begins a comment.
//
//   192.0.2.10            # my own workstation
//   isolation db1
//
// Pure. Limits: kGuardListSizeMax.

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "remedy/target.h"

namespace phantom::daemon {

inline constexpr std::size_t kGuardListSizeMax = 1U << 20U;

struct GuardEntry {
    std::optional<remedy::Executor> executor;  // none: whatever is done
    std::variant<wire::Prefix, std::string> what;
    friend bool operator==(const GuardEntry&, const GuardEntry&) = default;
};

// In words, with the line: what is wrong.
[[nodiscard]] std::expected<std::vector<GuardEntry>, std::string> parse_guard_list(
    std::string_view text
);

}  // namespace phantom::daemon
