#pragma once

// "8", "<8", ">=8", "!8", "2<>5", "2-5": what rules say of a number.

#include <cstdint>
#include <optional>
#include <string_view>

namespace phantom::detect {

class IntegerCondition {
  public:
    // `a<>b` holds strictly between, as `bsize` and its kin have it.
    [[nodiscard]] static std::optional<IntegerCondition> parse(std::string_view text);
    [[nodiscard]] static IntegerCondition equals(std::uint64_t value);

    [[nodiscard]] bool holds(std::uint64_t value) const;

  private:
    enum class Kind : std::uint8_t {
        kEqual,
        kNotEqual,
        kLess,
        kAtMost,
        kGreater,
        kAtLeast,
        kBetween
    };

    Kind kind_ = Kind::kEqual;
    std::uint64_t low_ = 0;
    std::uint64_t high_ = 0;
};

}  // namespace phantom::detect
