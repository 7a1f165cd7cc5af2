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
    std::string_view line, const Variables& variables
);

// The first line of a file that is no rule at all, whatever rules there may be: half a line, another kind of
// file. What a rule says is not looked into.
struct FormFault {
    unsigned line = 0;
    std::string reason;
};
[[nodiscard]] std::optional<FormFault> form_fault(std::string_view file);

}  // namespace phantom::detect
