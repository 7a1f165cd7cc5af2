#include "detect/byte_options.h"

#include <bit>

#include "detect/text.h"

namespace phantom::detect {

namespace {

constexpr unsigned kBinarySizeMax = 8;
constexpr unsigned kTextSizeMax = 23;

struct NumberAt {
    std::uint64_t value;
    std::size_t end;
};

// Blanks in front are passed over; what is no digit ends the number.
std::optional<NumberAt> text_number(ByteView bytes, unsigned base, std::size_t at) {
    std::size_t index = 0;
    while (index < bytes.size() && is_blank(static_cast<char>(bytes[index]))) {
        ++index;
    }
    if (base == 16 && bytes.size() >= index + 2 && bytes[index] == '0' &&
        lower(static_cast<char>(bytes[index + 1])) == 'x') {
        index += 2;
    }
    std::uint64_t value = 0;
    const std::size_t first = index;
    for (; index < bytes.size(); ++index) {
        const int digit = hex_digit(static_cast<char>(bytes[index]));
        if (digit < 0 || static_cast<unsigned>(digit) >= base) {
            break;
        }
        value = value * base + static_cast<unsigned>(digit);
    }
    if (index == first) {
        return std::nullopt;
    }
    return NumberAt{value, at + index};
}

std::optional<NumberAt> read_number(
    const NumberForm& form, std::int64_t size, ByteView buffer, std::int64_t at,
    const MatchContext& context
) {
    const unsigned size_max = form.text_base == 0 ? kBinarySizeMax : kTextSizeMax;
    if (at < 0 || size < 1 || size > size_max ||
        at + size > static_cast<std::int64_t>(buffer.size())) {
        return std::nullopt;
    }
    const auto begin = static_cast<std::size_t>(at);
    const ByteView bytes = buffer.subspan(begin, static_cast<std::size_t>(size));
    if (form.text_base != 0) {
        return text_number(bytes, form.text_base, begin);
    }
    const bool little = form.from_dce ? context.dce_little : form.little;
    std::uint64_t value = 0;
    for (std::size_t index = 0; index < bytes.size(); ++index) {
        value = value << 8U | bytes[little ? bytes.size() - 1 - index : index];
    }
    if (form.mask != 0) {
        value = (value & form.mask) >> static_cast<unsigned>(std::countr_zero(form.mask));
    }
    return NumberAt{value, begin + bytes.size()};
}

std::int64_t base_of(const NumberForm& form, std::size_t cursor) {
    return form.relative ? static_cast<std::int64_t>(cursor) : 0;
}

std::optional<std::uint64_t> computed(
    ByteMath::Operation operation, std::uint64_t left, std::uint64_t right
) {
    switch (operation) {
        case ByteMath::Operation::kAdd:
            return left + right;
        case ByteMath::Operation::kSubtract:
            return left - right;
        case ByteMath::Operation::kMultiply:
            return left * right;
        case ByteMath::Operation::kDivide:
            return right == 0 ? std::nullopt : std::optional(left / right);
        case ByteMath::Operation::kLeft:
            return right < 64 ? left << right : 0;
        case ByteMath::Operation::kRight:
            return right < 64 ? left >> right : 0;
    }
    return std::nullopt;
}

}  // namespace

bool holds(const ByteTest& test, ByteView buffer, std::size_t cursor, const MatchContext& context) {
    const ByteVariables& variables = context.variables;
    const std::int64_t size = test.size.variable < 0 ? test.form.size : test.size.in(variables);
    const auto found = read_number(
        test.form, size, buffer, base_of(test.form, cursor) + test.offset.in(variables), context
    );
    if (!found) {
        return false;
    }
    const auto wanted = static_cast<std::uint64_t>(test.value.in(variables));
    const auto compare = [&] {
        switch (test.comparison) {
            case Comparison::kLess:
                return found->value < wanted;
            case Comparison::kGreater:
                return found->value > wanted;
            case Comparison::kEqual:
                return found->value == wanted;
            case Comparison::kAtMost:
                return found->value <= wanted;
            case Comparison::kAtLeast:
                return found->value >= wanted;
            case Comparison::kAnd:
                return (found->value & wanted) != 0;
            case Comparison::kOr:
                return (found->value ^ wanted) != 0;
        }
        return false;
    };
    return compare() != test.negated;
}

std::optional<std::size_t> land(
    const ByteJump& jump, ByteView buffer, std::size_t cursor, const MatchContext& context
) {
    const std::int64_t size =
        jump.size.variable < 0 ? jump.form.size : jump.size.in(context.variables);
    const std::int64_t begin = base_of(jump.form, cursor) + jump.offset.in(context.variables);
    std::uint64_t value = 0;
    std::size_t end = static_cast<std::size_t>(std::max<std::int64_t>(begin, 0));
    if (size != 0) {
        const auto found = read_number(jump.form, size, buffer, begin, context);
        if (!found) {
            return std::nullopt;
        }
        value = found->value;
        end = found->end;
    }
    auto distance = static_cast<std::int64_t>(value * static_cast<std::uint64_t>(jump.multiplier));
    if (jump.align) {
        distance = (distance + 3) & ~std::int64_t{3};
    }
    const std::int64_t base = jump.from_beginning ? 0
                              : jump.from_end     ? static_cast<std::int64_t>(buffer.size())
                                                  : static_cast<std::int64_t>(end);
    // Sums of hostile numbers may wrap, but not be undefined.
    const auto landed = static_cast<std::int64_t>(
        static_cast<std::uint64_t>(base) + static_cast<std::uint64_t>(distance) +
        static_cast<std::uint64_t>(jump.post_offset)
    );
    if (landed < 0 || landed > static_cast<std::int64_t>(buffer.size())) {
        return std::nullopt;
    }
    return static_cast<std::size_t>(landed);
}

std::optional<std::size_t> extract_number(
    const ByteExtract& extract, ByteView buffer, std::size_t cursor, MatchContext& context
) {
    const auto found = read_number(
        extract.form, extract.form.size, buffer, base_of(extract.form, cursor) + extract.offset,
        context
    );
    if (!found) {
        return std::nullopt;
    }
    std::uint64_t value = found->value * extract.multiplier;
    if (extract.align > 1 && value % extract.align != 0) {
        value += extract.align - value % extract.align;
    }
    context.variables[extract.variable] = value;
    return found->end;
}

std::optional<std::size_t> compute(
    const ByteMath& math, ByteView buffer, std::size_t cursor, MatchContext& context
) {
    const ByteVariables& variables = context.variables;
    const std::int64_t size = math.size.variable < 0 ? math.form.size : math.size.in(variables);
    const auto found = read_number(
        math.form, size, buffer, base_of(math.form, cursor) + math.offset.in(variables), context
    );
    if (!found) {
        return std::nullopt;
    }
    const auto value = computed(
        math.operation, found->value, static_cast<std::uint64_t>(math.right.in(variables))
    );
    if (!value) {
        return std::nullopt;
    }
    context.variables[math.variable] = *value;
    return found->end;
}

}  // namespace phantom::detect
