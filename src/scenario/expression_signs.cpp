#include "scenario/expression_signs.h"

#include <algorithm>
#include <array>

namespace phantom::scenario {

namespace {

using SignKind = ExpressionNode::Kind;

constexpr auto kBinarySigns = std::to_array<BinarySign>({
    {"||", 10, SignKind::kOr},
    {"or", 10, SignKind::kOr},
    {"&&", 15, SignKind::kAnd},
    {"and", 15, SignKind::kAnd},
    {"==", 20, SignKind::kCompare},
    {"!=", 20, SignKind::kCompare},
    {"<", 20, SignKind::kCompare},
    {">", 20, SignKind::kCompare},
    {"<=", 20, SignKind::kCompare},
    {">=", 20, SignKind::kCompare},
    {"in", 20, SignKind::kIn},
    {"contains", 20, SignKind::kContains},
    {"startsWith", 20, SignKind::kStartsWith},
    {"endsWith", 20, SignKind::kEndsWith},
    {"matches", 20, SignKind::kMatches},
    {"+", 30, SignKind::kReckon},
    {"-", 30, SignKind::kReckon},
    {"*", 60, SignKind::kReckon},
    {"/", 60, SignKind::kReckon},
    {"%", 60, SignKind::kReckon},
    {"??", 500, SignKind::kOtherwise},
});

}  // namespace

const BinarySign* binary_sign(const Token& token) {
    const auto* const found = std::ranges::find_if(kBinarySigns, [&](const BinarySign& each) {
        return token.is(each.text);
    });
    return found != kBinarySigns.end() ? found : nullptr;
}

bool may_be_negated(ExpressionNode::Kind kind) {
    return kind >= SignKind::kIn && kind <= SignKind::kMatches;
}

}  // namespace phantom::scenario
