#include "detect/integer_condition.h"

#include <array>

#include "detect/text.h"

namespace phantom::detect {

IntegerCondition IntegerCondition::equals(std::uint64_t value) {
    IntegerCondition test;
    test.low_ = value;
    return test;
}

std::optional<IntegerCondition> IntegerCondition::parse(std::string_view text) {
    text = trimmed(text);
    IntegerCondition test;
    for (const std::string_view between : {std::string_view("<>"), std::string_view("-")}) {
        const std::size_t at = text.find(between);
        if (at == std::string_view::npos || at == 0) {
            continue;
        }
        const auto low = number<std::uint64_t>(trimmed(text.substr(0, at)));
        const auto high = number<std::uint64_t>(trimmed(text.substr(at + between.size())));
        if (!low || !high || *low >= *high) {
            return std::nullopt;
        }
        test.kind_ = Kind::kBetween;
        test.low_ = *low;
        test.high_ = *high;
        return test;
    }
    struct Operator {
        std::string_view text;
        Kind kind;
    };
    constexpr std::array kOperators{
        Operator{"<=", Kind::kAtMost},   Operator{">=", Kind::kAtLeast},
        Operator{"!=", Kind::kNotEqual}, Operator{"<", Kind::kLess},
        Operator{">", Kind::kGreater},   Operator{"!", Kind::kNotEqual},
        Operator{"==", Kind::kEqual},    Operator{"=", Kind::kEqual},
    };
    for (const Operator& each : kOperators) {
        if (text.starts_with(each.text)) {
            test.kind_ = each.kind;
            text = trimmed(text.substr(each.text.size()));
            break;
        }
    }
    const auto value = number<std::uint64_t>(text);
    if (!value) {
        return std::nullopt;
    }
    test.low_ = *value;
    return test;
}

bool IntegerCondition::holds(std::uint64_t value) const {
    switch (kind_) {
        case Kind::kEqual:
            return value == low_;
        case Kind::kNotEqual:
            return value != low_;
        case Kind::kLess:
            return value < low_;
        case Kind::kAtMost:
            return value <= low_;
        case Kind::kGreater:
            return value > low_;
        case Kind::kAtLeast:
            return value >= low_;
        case Kind::kBetween:
            return low_ < value && value < high_;
    }
    return false;
}

}  // namespace phantom::detect
