#pragma once

// Conditions, and variables in texts.
//
//     __count__:value > 3 AND (__who__:value = 'birch' OR NOT __seen__:value = true)
//
// Comparisons of STIX patterns: = == != <> < <= > >=; numbers are compared as such where both sides are, else texts.
// AND binds closer than OR. A variable alone is true unless it is empty, false or 0.
// Source: CACAO 2.0, 4.9, 10.18; STIX 2.1, 9.6.

#include <expected>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "playbook/playbook.h"

namespace phantom::playbook {

inline constexpr std::size_t kExpressionSizeMax = 4'096;
inline constexpr int kExpressionDepthMax = 32;

// The names that stand as "__name__:value" in a text.
[[nodiscard]] std::set<std::string> references_in(std::string_view text);

// With values instead of references, once: a value that looks like a reference stays. None where a variable has no
// value, or the text becomes longer than kValueSizeMax.
[[nodiscard]] std::optional<std::string> substitute(
    std::string_view text, const Variables& variables
);

// A sentence where it is no condition, or a variable has no value.
[[nodiscard]] std::expected<bool, std::string> evaluate(
    std::string_view condition, const Variables& variables
);
// The same without values: what is wrong with its form; empty: nothing.
[[nodiscard]] std::string problem_of_condition(std::string_view condition);

}  // namespace phantom::playbook
