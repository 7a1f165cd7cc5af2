#pragma once

// What may stand between two parts of an expression.

#include "scenario/expression_lexer.h"
#include "scenario/expression_tree.h"

namespace phantom::scenario {

struct BinarySign {
    std::string_view text;
    int strength;  // the stronger takes its neighbours first
    ExpressionNode::Kind kind;
};

// Null for anything else.
[[nodiscard]] const BinarySign* binary_sign(const Token& token);
// Whether "not" may stand before it.
[[nodiscard]] bool may_be_negated(ExpressionNode::Kind kind);

}  // namespace phantom::scenario
