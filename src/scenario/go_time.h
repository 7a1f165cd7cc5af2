#pragma once

// Times and durations, in the notation that the files are written in: a layout shows the moment
// "Mon Jan 2 15:04:05 -0700 MST 2006" as the times in question are written.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace phantom::scenario {

inline constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
// Years that a line may speak of; what is beyond has no nanoseconds in 64 bits.
inline constexpr int kYearMin = 1970;
inline constexpr int kYearMax = 2200;

struct Moment {
    std::int64_t ns = 0;      // since 1970, UTC
    std::int32_t zone_s = 0;  // how far the clock that wrote it was ahead of UTC

    // RFC 3339, with as many digits of the second as it has.
    [[nodiscard]] std::string to_string() const;
};

struct CivilTime {
    int year = 0;
    int month = 1;
    int day = 1;
    int hour = 0;
    int minute = 0;
    int second = 0;
    std::int64_t ns = 0;
    int weekday = 0;  // 0 is Sunday
};

[[nodiscard]] CivilTime civil_time(std::int64_t ns);
[[nodiscard]] std::string_view weekday_name(const CivilTime& time);

// A time without a year is of `year`.
[[nodiscard]] std::optional<Moment> parse_time(
    std::string_view text, std::string_view layout, int year
);
// By the usual layouts, or whole seconds since 1970.
[[nodiscard]] std::optional<Moment> parse_any_time(std::string_view text, int year);

// "1h30m", "0.5s"; never negative.
[[nodiscard]] std::optional<std::int64_t> parse_duration(std::string_view text);

}  // namespace phantom::scenario
