#pragma once

// The words of an expression.

#include <string>
#include <string_view>
#include <vector>

#include "scenario/flaw.h"
#include "scenario/value.h"

namespace phantom::scenario {

inline constexpr std::size_t kExpressionSizeMax = 128U << 10U;

struct Token {
    enum class Kind : std::uint8_t { kEnd, kName, kLiteral, kSign };

    Kind kind = Kind::kEnd;
    std::string text;  // of a name or a sign
    Value literal;
    std::size_t at = 0;  // byte

    [[nodiscard]] bool is(std::string_view wanted) const {
        return (kind == Kind::kName || kind == Kind::kSign) && text == wanted;
    }
};

// Ends with kEnd.
[[nodiscard]] OrFlaw<std::vector<Token>> expression_tokens(std::string_view text);

}  // namespace phantom::scenario
