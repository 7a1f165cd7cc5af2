#pragma once

// A time zone as the system keeps it (TZif, RFC 8536): what a clock on the wall shows at an instant, and when it
// shows what. Reading the file is the caller's.

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "alert/errors.h"
#include "base/bytes.h"
#include "base/clock.h"

namespace phantom::alert {

inline constexpr std::size_t kZoneFileSizeMax = 65'536;
inline constexpr std::size_t kZoneTransitionsMax = 2'000;

// A day of the year on which clocks change, as POSIX writes it in TZ.
struct ZoneChange {
    enum class Kind : std::uint8_t { kDayWithoutLeap, kDayFromZero, kWeekdayOfMonth };
    Kind kind = Kind::kWeekdayOfMonth;
    int month = 1;
    int week = 1;  // 5: the last
    int day = 0;   // of the week, or of the year
    std::int64_t at_s = 7'200;
};

// What holds after the last transition in the file.
struct ZoneRule {
    std::int64_t standard_s = 0;
    std::int64_t summer_s = 0;
    bool has_summer = false;
    ZoneChange begin;
    ZoneChange end;
};

class TimeZone {
  public:
    // kTimeZone.
    [[nodiscard]] static Result<TimeZone> parse(ByteView file);

    // East of Greenwich is positive.
    [[nodiscard]] std::int64_t offset_s_at(std::int64_t unix_s) const;
    // Seconds since 1970 as if the local clock were UTC's.
    [[nodiscard]] std::int64_t local_s(WallTime at) const;
    // What a clock shows twice is the first of them; what it never shows is as late as if it had not changed.
    [[nodiscard]] WallTime at_local(std::int64_t local_s) const;

  private:
    struct Transition {
        std::int64_t at_s = 0;
        std::int64_t offset_s = 0;
    };
    std::int64_t first_offset_s_ = 0;
    std::vector<Transition> transitions_;  // by time
    std::optional<ZoneRule> rule_;
};

using ZonePointer = std::shared_ptr<const TimeZone>;  // none: UTC
// The zone of a name such as Europe/Berlin.
using ReadZone = std::function<Result<TimeZone>(const std::string& name)>;

// POSIX: "CET-1CEST,M3.5.0,M10.5.0/3", "<+03>-3".
[[nodiscard]] Result<ZoneRule> parse_zone_rule(std::string_view text);

}  // namespace phantom::alert
