#pragma once

// Time is an argument: logic takes `now`, only the edges read a clock.

#include <chrono>
#include <cstdint>

namespace phantom {

using Duration = std::chrono::nanoseconds;

// Monotonic time since boot, suspend included (CLOCK_BOOTTIME), so that a session does not outlive
// its limit while the machine sleeps. Zero means "never".
struct Instant {
    std::int64_t ns = 0;

    friend constexpr auto operator<=>(Instant, Instant) = default;
    friend constexpr Instant operator+(Instant at, Duration by) { return {at.ns + by.count()}; }
    friend constexpr Instant operator-(Instant at, Duration by) { return {at.ns - by.count()}; }
    friend constexpr Duration operator-(Instant a, Instant b) { return Duration(a.ns - b.ns); }
    [[nodiscard]] constexpr bool is_never() const { return ns == 0; }
};

inline constexpr Instant kFarFuture{INT64_MAX};

// Wall-clock time: nanoseconds since 1970-01-01 UTC.
struct WallTime {
    std::int64_t ns = 0;
    friend constexpr auto operator<=>(WallTime, WallTime) = default;
};

[[nodiscard]] Instant monotonic_now();
[[nodiscard]] WallTime wall_now();

}  // namespace phantom
