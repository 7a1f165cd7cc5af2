#pragma once

// The form of a rule: seven words and options in parentheses. What they mean is for others.

#include <string>
#include <string_view>
#include <vector>

#include "detect/reason.h"

namespace phantom::detect {

inline constexpr std::size_t kRuleSizeMax = 65'536;
inline constexpr std::size_t kRuleOptionsMax = 512;

struct RuleOption {
    std::string name;
    std::string value;  // without quotes and a leading "!"
    bool has_value = false;
    bool negated = false;
};

struct RuleText {
    std::string action;
    std::string protocol;
    std::string source;
    std::string source_port;
    std::string arrow;
    std::string destination;
    std::string destination_port;
    std::vector<RuleOption> options;
};

[[nodiscard]] OrReason<RuleText> split_rule(std::string_view line);

// What a rule file's lines say: lines ending in "\" are joined, comments and empty lines left out.
struct RuleLine {
    unsigned number = 1;  // of the first line
    std::string text;
};
[[nodiscard]] std::vector<RuleLine> rule_lines(std::string_view file);

}  // namespace phantom::detect
