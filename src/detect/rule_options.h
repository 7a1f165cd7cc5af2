#pragma once

// The options of a rule, by what they speak of; rule_options.cpp finds the one that a name means.

#include "detect/rule_builder.h"

namespace phantom::detect {

using OptionReader = OrReason<void> (*)(RuleBuilder&, const RuleOption&);

struct NamedOption {
    std::string_view name;
    OptionReader read;
};

// None where the name is not theirs.
[[nodiscard]] OptionReader content_option(std::string_view name);
[[nodiscard]] OptionReader byte_option(std::string_view name);
[[nodiscard]] OptionReader packet_option(std::string_view name);
[[nodiscard]] OptionReader state_option(std::string_view name);
[[nodiscard]] OptionReader about_option(std::string_view name);
[[nodiscard]] OptionReader message_option(std::string_view name);

template <class Table>
[[nodiscard]] OptionReader look_up_option(const Table& table, std::string_view name) {
    for (const NamedOption& each : table) {
        if (each.name == name) {
            return each.read;
        }
    }
    return nullptr;
}

// The number test in an option's value, or why there is none.
[[nodiscard]] OrReason<IntegerCondition> integer_of(const RuleOption& option);

}  // namespace phantom::detect
