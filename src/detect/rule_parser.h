#pragma once

// A line of a rule file as a rule.

#include "detect/rule_builder.h"

namespace phantom::detect {

struct RuleProblem {
    std::uint32_t sid = 0;  // 0 where it has none
    std::string keyword;    // "protocol", "addresses" or the option that cannot be used
    std::string reason;
};

[[nodiscard]] std::expected<Rule, RuleProblem> parse_rule(
    std::string_view line, const Variables& variables, SharedNames& names
);

}  // namespace phantom::detect
