#pragma once

// A score from 0.0 to 10.0 with one decimal, as CVSS has it. Kept in tenths, so that two that print alike
// are equal.

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"

namespace phantom::assess {

// CVSS 3.1 section 5, CVSS 4.0 section 6: the qualitative severity rating scale.
enum class Severity : std::uint8_t { kNone, kLow, kMedium, kHigh, kCritical };

[[nodiscard]] std::string_view name_of(Severity severity);

class Score {
  public:
    static constexpr int kTenthsMax = 100;

    constexpr Score() = default;
    static constexpr Score of_tenths(int tenths) {
        PM_ASSERT(tenths >= 0 && tenths <= kTenthsMax);
        Score score;
        score.tenths_ = static_cast<std::uint8_t>(tenths);
        return score;
    }

    [[nodiscard]] constexpr int tenths() const { return tenths_; }
    [[nodiscard]] constexpr double value() const { return tenths_ / 10.0; }
    [[nodiscard]] Severity severity() const;
    // "9.8"
    [[nodiscard]] std::string to_string() const;

    friend constexpr auto operator<=>(Score, Score) = default;

  private:
    std::uint8_t tenths_ = 0;
};

}  // namespace phantom::assess
