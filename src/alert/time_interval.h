#pragma once

// When a route is mute, or only then is not: hours, days, months, on the clock of a place.

#include <array>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "alert/time_zone.h"
#include "base/clock.h"

namespace phantom::alert {

// Both ends count, but for minutes, where the end does not.
struct NumberRange {
    int begin = 0;
    int end = 0;
    friend bool operator==(const NumberRange&, const NumberRange&) = default;
};
using NumberRanges = std::vector<NumberRange>;

// An empty list means any.
struct TimeInterval {
    NumberRanges minutes;        // of the day, 0 to 1440
    NumberRanges weekdays;       // Sunday is 0
    NumberRanges days_of_month;  // 1 to 31; negative from the end
    NumberRanges months;         // 1 to 12
    NumberRanges years;
    ZonePointer zone;
};

[[nodiscard]] bool contains(const TimeInterval& interval, WallTime at);
[[nodiscard]] bool contains_any(const std::vector<TimeInterval>& intervals, WallTime at);

template <class T>
using OrReason = std::expected<T, std::string>;

// "09:30" in minutes; "24:00" is the day's end.
[[nodiscard]] OrReason<int> parse_time_of_day(std::string_view text);
// "monday:friday", "saturday".
[[nodiscard]] OrReason<NumberRange> parse_weekdays(std::string_view text);
// "1:5", "-3:-1".
[[nodiscard]] OrReason<NumberRange> parse_days_of_month(std::string_view text);
// "january:march", "5:8".
[[nodiscard]] OrReason<NumberRange> parse_months(std::string_view text);
// "2026:2028".
[[nodiscard]] OrReason<NumberRange> parse_years(std::string_view text);
// Prometheus's: "1h30m", "2d", "500ms", "0".
[[nodiscard]] OrReason<Duration> parse_duration(std::string_view text);
// Which reads the same again.
[[nodiscard]] std::string duration_text(Duration duration);

}  // namespace phantom::alert
