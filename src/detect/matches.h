#pragma once

// What a rule says of the bytes of one buffer, in the order of its options, and whether they hold.

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "detect/integer_condition.h"
#include "detect/regex.h"

namespace phantom::detect {

// byte_extract and byte_math: names of one rule.
inline constexpr std::size_t kVariablesMax = 16;
// Attempts at other places for one buffer: bounds what relative contents can cost.
inline constexpr unsigned kMatchStepsMax = 20'000;

// What a number found in a packet counts for at most, as a position or a value to compare with.
inline constexpr std::uint64_t kOperandMax = 1ULL << 48U;

using ByteVariables = std::array<std::uint64_t, kVariablesMax>;

// A number, or a name for one that an earlier option found.
struct Operand {
    std::int64_t value = 0;
    int variable = -1;

    // Bounded, so that sums of a few of them are numbers still.
    [[nodiscard]] std::int64_t in(const ByteVariables& variables) const {
        return variable < 0 ? value
                            : static_cast<std::int64_t>(std::min(
                                  variables[static_cast<std::size_t>(variable)], kOperandMax
                              ));
    }
};

struct ContentMatch {
    std::string pattern;  // lower case where `ignores_case`
    bool ignores_case = false;
    bool negated = false;
    bool starts_with = false;
    bool ends_with = false;
    bool fast_pattern = false;
    std::optional<Operand> offset;
    std::optional<Operand> depth;
    std::optional<Operand> distance;
    std::optional<Operand> within;

    [[nodiscard]] bool is_relative() const { return distance || within; }
};

struct RegexMatch {
    Regex regex;
    bool negated = false;
    bool relative = false;
};

// How a number stands in the bytes.
struct NumberForm {
    unsigned size = 0;
    bool relative = false;
    bool little = false;
    bool from_dce = false;   // as the header of the DCE/RPC message says
    unsigned text_base = 0;  // 0: binary
    std::uint64_t mask = 0;  // 0: all
};

enum class Comparison : std::uint8_t { kLess, kGreater, kEqual, kAtMost, kAtLeast, kAnd, kOr };

struct ByteTest {
    NumberForm form;
    Comparison comparison = Comparison::kEqual;
    bool negated = false;
    Operand size{.value = 0};  // where it is a variable
    Operand value;
    Operand offset;
};

struct ByteJump {
    NumberForm form;
    Operand size;
    Operand offset;
    std::int64_t multiplier = 1;
    std::int64_t post_offset = 0;
    bool align = false;
    bool from_beginning = false;
    bool from_end = false;
};

struct ByteExtract {
    NumberForm form;
    std::int64_t offset = 0;
    std::uint64_t multiplier = 1;
    unsigned align = 1;
    std::size_t variable = 0;
};

struct ByteMath {
    NumberForm form;
    Operand size;
    Operand offset;
    Operand right;
    enum class Operation : std::uint8_t { kAdd, kSubtract, kMultiply, kDivide, kLeft, kRight };
    Operation operation = Operation::kAdd;
    std::size_t variable = 0;
};

struct DataAt {
    Operand at;
    bool relative = false;
    bool negated = false;
};

struct SizeMatch {
    IntegerCondition test;
};

// Nothing there to look into: `or_else`: or what else is said holds.
struct AbsentMatch {
    bool or_else = false;
};

// What follows is asked of the decoded bytes (buffer base64_data).
struct Base64Decode {
    std::size_t bytes = 0;  // 0: all
    std::int64_t offset = 0;
    bool relative = false;
};

using BufferMatch = std::variant<
    ContentMatch, RegexMatch, ByteTest, ByteJump, ByteExtract, ByteMath, DataAt, SizeMatch,
    AbsentMatch, Base64Decode>;

// Whether `matches` hold on `buffer`, one after the other. base64_decode leaves its bytes in `base64`.
struct MatchContext {
    ByteVariables variables{};
    std::vector<std::uint8_t> base64;
    bool dce_little = false;
};
[[nodiscard]] bool holds_on(
    const std::vector<BufferMatch>& matches, ByteView buffer, MatchContext& context
);

}  // namespace phantom::detect
