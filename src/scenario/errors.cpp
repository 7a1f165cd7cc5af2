#include "scenario/errors.h"

namespace phantom::scenario {

namespace {

const char* describe_expression_error(std::uint16_t code) {
    switch (static_cast<ExpressionError>(code)) {
        case ExpressionError::kMemberOfNothing:
            return "a member of nothing";
        case ExpressionError::kWrongType:
            return "a value of another kind than needed";
        case ExpressionError::kNoSuchItem:
            return "no such item";
        case ExpressionError::kNotANumber:
            return "not a number";
        case ExpressionError::kBadAddress:
            return "not an address";
        case ExpressionError::kBadText:
            return "a text that cannot be read";
        case ExpressionError::kDividedByZero:
            return "divided by zero";
        case ExpressionError::kTooMuchWork:
            return "too much work";
    }
    return "unknown error";
}

constexpr ErrorDomain kExpressionDomain{"scenario", describe_expression_error};

}  // namespace

const ErrorDomain& error_domain(ExpressionError /*code*/) {
    return kExpressionDomain;
}

}  // namespace phantom::scenario
