#pragma once

// The form of the policy: JSON with comments and trailing commas, as people write it ("HuJSON"), and
// the place of every value, so that an error can name line and column.
//
// Strict where it costs nobody anything: a key twice is an error; a string has no escapes, because no
// name, address or port needs one; depth and count are bounded.

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace phantom::policy {

inline constexpr unsigned kNestingMax = 6;

// From 1; a column is a character.
struct Position {
    unsigned line = 1;
    unsigned column = 1;

    friend bool operator==(Position, Position) = default;
};

// What is wrong with a policy, where, and what would be right: for the person who writes it.
struct Problem {
    Position at;
    std::string text;
};

template <class T>
using OrProblem = std::expected<T, Problem>;

struct Value {
    enum class Kind { kString, kArray, kObject, kOther } kind = Kind::kOther;
    Position at;
    std::string text;  // of a string; of what is none, list or object: as it stands
    // Of an object's value: the key it stands under.
    std::string key;
    Position key_at;
    std::vector<Value> items;
};

[[nodiscard]] OrProblem<Value> parse_hujson(std::string_view text);

}  // namespace phantom::policy
