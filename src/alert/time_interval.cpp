#include "alert/time_interval.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <limits>
#include <optional>
#include <span>

#include <fmt/format.h>

namespace phantom::alert {

namespace {

using Reason = std::unexpected<std::string>;

constexpr std::array<std::string_view, 7> kWeekdayNames{
    "sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"
};
constexpr std::array<std::string_view, 12> kMonthNames{"january", "february", "march",
                                                       "april",   "may",      "june",
                                                       "july",    "august",   "september",
                                                       "october", "november", "december"};
constexpr int kMinutesOfDay = 24 * 60;

std::optional<int> whole_number(std::string_view text) {
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(number)
                                                                    : std::nullopt;
}

std::string lower_case(std::string_view text) {
    std::string lowered(text);
    std::ranges::transform(lowered, lowered.begin(), [](char byte) {
        return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
    });
    return lowered;
}

std::optional<int> index_of_name(std::span<const std::string_view> names, std::string_view text) {
    const auto found = std::ranges::find(names, lower_case(text));
    return found == names.end() ? std::nullopt
                                : std::optional(static_cast<int>(found - names.begin()));
}

// "A:B" or "A", each read by `read`.
template <class Read>
OrReason<NumberRange> range_of(std::string_view text, Read read) {
    const std::size_t colon = text.find(':');
    const auto begin = read(text.substr(0, colon));
    const auto end = colon == std::string_view::npos ? begin : read(text.substr(colon + 1));
    if (!begin || !end) {
        return Reason(fmt::format("'{}' is not a value or a range of them", text));
    }
    return NumberRange{*begin, *end};
}

OrReason<NumberRange> in_order(OrReason<NumberRange> range, std::string_view text) {
    if (range && range->begin > range->end) {
        return Reason(fmt::format("'{}' ends before it begins", text));
    }
    return range;
}

bool covers(const NumberRanges& ranges, int number) {
    return ranges.empty() || std::ranges::any_of(ranges, [number](const NumberRange& range) {
               return range.begin <= number && number <= range.end;
           });
}

// Days counted from the end are of this month, and what the month does not have is cut off.
bool covers_day(const NumberRanges& ranges, int day, int last_day) {
    return ranges.empty() || std::ranges::any_of(ranges, [&](const NumberRange& range) {
               const auto from_front = [last_day](int each) {
                   return each < 0 ? last_day + 1 + each : each;
               };
               const int begin = std::max(from_front(range.begin), 1);
               const int end = std::min(from_front(range.end), last_day);
               return begin <= day && day <= end;
           });
}

struct Unit {
    std::string_view name;
    std::int64_t ms;
};
// Largest first, as they have to be written.
constexpr std::array<Unit, 7> kUnits{
    {{"y", 31'536'000'000},
     {"w", 604'800'000},
     {"d", 86'400'000},
     {"h", 3'600'000},
     {"m", 60'000},
     {"s", 1'000},
     {"ms", 1}}
};

}  // namespace

bool contains(const TimeInterval& interval, WallTime at) {
    using namespace std::chrono;
    const sys_seconds time{
        interval.zone ? seconds(interval.zone->local_s(at)) : floor<seconds>(nanoseconds(at.ns))
    };
    const sys_days day = floor<days>(time);
    const year_month_day date{day};
    const auto minute = static_cast<int>(duration_cast<minutes>(time - day).count());
    const year_month_day_last month_end = date.year() / date.month() / last;
    const bool is_in_hours =
        interval.minutes.empty() ||
        std::ranges::any_of(interval.minutes, [minute](const NumberRange& range) {
            return range.begin <= minute && minute < range.end;
        });
    return is_in_hours && covers(interval.weekdays, static_cast<int>(weekday{day}.c_encoding())) &&
           covers_day(
               interval.days_of_month, static_cast<int>(static_cast<unsigned>(date.day())),
               static_cast<int>(static_cast<unsigned>(month_end.day()))
           ) &&
           covers(interval.months, static_cast<int>(static_cast<unsigned>(date.month()))) &&
           covers(interval.years, static_cast<int>(date.year()));
}

bool contains_any(const std::vector<TimeInterval>& intervals, WallTime at) {
    return std::ranges::any_of(intervals, [at](const TimeInterval& interval) {
        return contains(interval, at);
    });
}

OrReason<int> parse_time_of_day(std::string_view text) {
    const bool has_form = text.size() == 5 && text[2] == ':';
    const auto hour = has_form ? whole_number(text.substr(0, 2)) : std::nullopt;
    const auto minute = has_form ? whole_number(text.substr(3)) : std::nullopt;
    if (!hour || !minute || *hour < 0 || *minute < 0 || *minute > 59 ||
        *hour * 60 + *minute > kMinutesOfDay) {
        return Reason(fmt::format("'{}' is not a time from 00:00 to 24:00", text));
    }
    return *hour * 60 + *minute;
}

OrReason<NumberRange> parse_weekdays(std::string_view text) {
    return in_order(
        range_of(text, [](std::string_view name) { return index_of_name(kWeekdayNames, name); }),
        text
    );
}

OrReason<NumberRange> parse_days_of_month(std::string_view text) {
    const auto range = range_of(text, [](std::string_view number) -> std::optional<int> {
        const auto day = whole_number(number);
        return day && *day != 0 && *day >= -31 && *day <= 31 ? day : std::nullopt;
    });
    if (!range) {
        return range;
    }
    // From the end to the front is never right; 1:-1 is.
    const bool is_backward =
        (range->begin < 0) == (range->end < 0) ? range->begin > range->end : range->begin < 0;
    if (is_backward) {
        return Reason(fmt::format("'{}' ends before it begins", text));
    }
    return range;
}

OrReason<NumberRange> parse_months(std::string_view text) {
    return in_order(
        range_of(
            text,
            [](std::string_view name) -> std::optional<int> {
                if (const auto index = index_of_name(kMonthNames, name)) {
                    return *index + 1;
                }
                const auto month = whole_number(name);
                return month && *month >= 1 && *month <= 12 ? month : std::nullopt;
            }
        ),
        text
    );
}

OrReason<NumberRange> parse_years(std::string_view text) {
    return in_order(
        range_of(
            text,
            [](std::string_view number) -> std::optional<int> {
                const auto year = whole_number(number);
                return year && *year >= 0 && *year <= 9999 ? year : std::nullopt;
            }
        ),
        text
    );
}

OrReason<Duration> parse_duration(std::string_view text) {
    if (text == "0") {
        return Duration(0);
    }
    const auto refuse = [text] {
        return Reason(fmt::format("'{}' is not a duration, as 30s, 5m, 1h30m or 2d", text));
    };
    constexpr std::int64_t kMsMax = std::numeric_limits<std::int64_t>::max() / 4'000'000;
    std::int64_t total_ms = 0;
    std::size_t next_unit = 0;
    std::string_view rest = text;
    while (!rest.empty()) {
        const std::size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
        const auto number = whole_number(rest.substr(0, digits));
        rest.remove_prefix(digits);
        const std::string_view name =
            rest.substr(0, std::min(rest.find_first_of("0123456789"), rest.size()));
        const auto unit = std::ranges::find(kUnits, name, &Unit::name);
        const auto index = static_cast<std::size_t>(unit - kUnits.begin());
        if (!number || unit == kUnits.end() || index < next_unit ||
            *number > (kMsMax - total_ms) / unit->ms) {
            return refuse();
        }
        total_ms += *number * unit->ms;
        next_unit = index + 1;
        rest.remove_prefix(name.size());
    }
    if (text.empty()) {
        return refuse();
    }
    return std::chrono::milliseconds(total_ms);
}

std::string duration_text(Duration duration) {
    std::int64_t left_ms = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
    std::string text;
    for (const Unit& unit : kUnits) {
        // Weeks and years are for writing: 30d says more than 4w2d.
        if (unit.name == "y" || unit.name == "w") {
            continue;
        }
        if (left_ms / unit.ms > 0) {
            text += fmt::format("{}{}", left_ms / unit.ms, unit.name);
            left_ms %= unit.ms;
        }
    }
    return text.empty() ? "0s" : text;
}

}  // namespace phantom::alert
