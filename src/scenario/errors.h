#pragma once

#include <cstdint>

#include "base/result.h"

namespace phantom::scenario {

// What can go wrong while an expression is asked about an event.
enum class ExpressionError : std::uint16_t {
    kMemberOfNothing,
    kWrongType,
    kNoSuchItem,
    kNotANumber,
    kBadAddress,
    kBadText,
    kDividedByZero,
    kTooMuchWork,
};

[[nodiscard]] const ErrorDomain& error_domain(ExpressionError code);

}  // namespace phantom::scenario
