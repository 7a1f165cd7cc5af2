#include "scenario/go_time.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <span>

#include <fmt/format.h>

namespace phantom::scenario {

namespace {

constexpr std::size_t kTimeTextMax = 64;
constexpr std::int64_t kSecondsPerDay = 86'400;

constexpr auto kMonthNames = std::to_array<std::string_view>(
    {"January", "February", "March", "April", "May", "June", "July", "August", "September",
     "October", "November", "December"}
);
constexpr auto kDayNames = std::to_array<std::string_view>(
    {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"}
);
constexpr std::size_t kShortName = 3;

enum class TimePart : std::uint8_t {
    kText,
    kYear,
    kShortYear,
    kMonth,
    kMonthName,
    kMonthLongName,
    kDay,
    kDayName,
    kDayLongName,
    kHour,
    kHour12,
    kMinute,
    kSecond,
    kHalfOfDay,
    kZone,
    kZoneOrZ,
    kZoneName
};

struct LayoutWord {
    std::string_view text;
    TimePart part;
};

// The longest of those that begin alike first.
constexpr auto kLayoutWords = std::to_array<LayoutWord>({
    {"2006", TimePart::kYear},      {"January", TimePart::kMonthLongName},
    {"Jan", TimePart::kMonthName},  {"Monday", TimePart::kDayLongName},
    {"Mon", TimePart::kDayName},    {"MST", TimePart::kZoneName},
    {"-07:00", TimePart::kZone},    {"-0700", TimePart::kZone},
    {"Z07:00", TimePart::kZoneOrZ}, {"Z0700", TimePart::kZoneOrZ},
    {"15", TimePart::kHour},        {"PM", TimePart::kHalfOfDay},
    {"01", TimePart::kMonth},       {"02", TimePart::kDay},
    {"_2", TimePart::kDay},         {"03", TimePart::kHour12},
    {"04", TimePart::kMinute},      {"05", TimePart::kSecond},
    {"06", TimePart::kShortYear},   {"1", TimePart::kMonth},
    {"2", TimePart::kDay},          {"3", TimePart::kHour12},
    {"4", TimePart::kMinute},       {"5", TimePart::kSecond},
});

constexpr auto kUsualLayouts = std::to_array<std::string_view>({
    "2006-01-02T15:04:05Z07:00",
    "2006-01-02T15:04:05",
    "2006-01-02 15:04:05Z07:00",
    "2006-01-02 15:04:05 Z07:00",
    "2006-01-02 15:04:05 -0700 MST",
    "2006-01-02 15:04:05 MST",
    "2006-01-02 15:04:05",
    "2006-01-02 15:04",
    "2006-01-02",
    "2006/01/02 15:04:05",
    "2006/01/02 15:04",
    "2006/01/02",
    "02/Jan/2006:15:04:05 -0700",
    "02/Jan/2006:15:04:05",
    "02/Jan/2006 15:04:05",
    "02-Jan-2006 15:04:05",
    "01/02/2006 15:04:05",
    "01/02/2006-15:04:05",
    "02.01.2006 15:04:05",
    "Mon Jan 2 15:04:05 2006",
    "Mon Jan 2 15:04:05 MST 2006",
    "Mon, 02 Jan 2006 15:04:05 MST",
    "Mon, 02 Jan 2006 15:04:05 -0700",
    "Jan 2 2006 15:04:05",
    "Jan 2, 2006 15:04:05",
    "Jan 2 15:04:05",
    "2 Jan 2006 15:04:05",
});

// Reads a text by a layout, part after part.
class TimeReader {
  public:
    TimeReader(std::string_view text, int year) : text_(text) { time_.year = year; }

    bool read(std::string_view layout) {
        while (!layout.empty()) {
            const auto* const word = std::ranges::find_if(
                kLayoutWords, [&](const LayoutWord& each) { return layout.starts_with(each.text); }
            );
            if (word == kLayoutWords.end()) {
                if (!literal(layout)) {
                    return false;
                }
                continue;
            }
            layout.remove_prefix(word->text.size());
            if (!part(word->part)) {
                return false;
            }
            if (word->part == TimePart::kSecond) {
                fraction(layout);
            }
        }
        return text_.empty();
    }

    [[nodiscard]] std::optional<Moment> moment() const {
        using namespace std::chrono;
        const year_month_day day(
            year(time_.year), month(static_cast<unsigned>(time_.month)),
            std::chrono::day(static_cast<unsigned>(time_.day))
        );
        if (!day.ok() || time_.year < kYearMin || time_.year > kYearMax || time_.hour > 23 ||
            time_.minute > 59 || time_.second > 60) {
            return std::nullopt;
        }
        int hour = time_.hour;
        if (half_ != Half::kNone) {
            hour = hour % 12 + (half_ == Half::kAfternoon ? 12 : 0);
        }
        const std::int64_t days = sys_days(day).time_since_epoch().count();
        const std::int64_t seconds = days * kSecondsPerDay +
                                     ((hour * 60) + time_.minute) * std::int64_t{60} +
                                     time_.second - zone_s_;
        return Moment{.ns = seconds * kNanosecondsPerSecond + time_.ns, .zone_s = zone_s_};
    }

  private:
    enum class Half : std::uint8_t { kNone, kMorning, kAfternoon };

    bool literal(std::string_view& layout) {
        const char wanted = layout.front();
        layout.remove_prefix(1);
        if (wanted == ' ') {
            // As many as there are: syslog pads days with them.
            const std::size_t blanks = std::min(text_.find_first_not_of(' '), text_.size());
            text_.remove_prefix(blanks);
            return blanks != 0;
        }
        if (text_.empty() || text_.front() != wanted) {
            return false;
        }
        text_.remove_prefix(1);
        return true;
    }

    bool number(int& into, std::size_t digits_min, std::size_t digits_max) {
        std::size_t digits = 0;
        int value = 0;
        while (digits < digits_max && digits < text_.size() && text_[digits] >= '0' &&
               text_[digits] <= '9') {
            value = value * 10 + (text_[digits] - '0');
            ++digits;
        }
        text_.remove_prefix(digits);
        into = value;
        return digits >= digits_min;
    }

    bool name(std::span<const std::string_view> names, bool is_short, int& into, int first) {
        for (std::size_t index = 0; index < names.size(); ++index) {
            const std::string_view wanted =
                is_short ? names[index].substr(0, kShortName) : names[index];
            if (text_.starts_with(wanted)) {
                text_.remove_prefix(wanted.size());
                into = static_cast<int>(index) + first;
                return true;
            }
        }
        return false;
    }

    // The digits after a second, whether the layout has any or not.
    void fraction(std::string_view& layout) {
        if (layout.starts_with(".0") || layout.starts_with(".9") || layout.starts_with(",0") ||
            layout.starts_with(",9")) {
            layout.remove_prefix(1);
            layout.remove_prefix(std::min(layout.find_first_not_of("09"), layout.size()));
        }
        if (text_.size() < 2 || (text_[0] != '.' && text_[0] != ',') || text_[1] < '0' ||
            text_[1] > '9') {
            return;
        }
        text_.remove_prefix(1);
        std::int64_t unit = kNanosecondsPerSecond;
        time_.ns = 0;
        while (!text_.empty() && text_.front() >= '0' && text_.front() <= '9') {
            unit /= 10;
            time_.ns += unit * (text_.front() - '0');
            text_.remove_prefix(1);
        }
    }

    bool zone() {
        if (text_.empty() || (text_.front() != '+' && text_.front() != '-')) {
            return false;
        }
        const int sign = text_.front() == '+' ? 1 : -1;
        text_.remove_prefix(1);
        int hours = 0;
        int minutes = 0;
        if (!number(hours, 2, 2)) {
            return false;
        }
        if (text_.starts_with(':')) {
            text_.remove_prefix(1);
        }
        if (!number(minutes, 2, 2) || hours > 23 || minutes > 59) {
            return false;
        }
        zone_s_ = sign * (hours * 3600 + minutes * 60);
        return true;
    }

    // Names of zones are not looked up: their clocks are taken for UTC.
    bool zone_name() {
        const std::size_t letters = std::min(
            static_cast<std::size_t>(
                std::ranges::find_if(text_, [](char each) { return each < 'A' || each > 'Z'; }) -
                text_.begin()
            ),
            text_.size()
        );
        text_.remove_prefix(letters);
        return letters >= 3 && letters <= 5;
    }

    bool half_of_day() {
        if (!text_.starts_with("AM") && !text_.starts_with("PM")) {
            return false;
        }
        half_ = text_.front() == 'P' ? Half::kAfternoon : Half::kMorning;
        text_.remove_prefix(2);
        return true;
    }

    bool part(TimePart which) {
        int ignored = 0;
        switch (which) {
            case TimePart::kYear:
                return number(time_.year, 4, 4);
            case TimePart::kShortYear: {
                const bool is_read = number(time_.year, 2, 2);
                time_.year += time_.year < 69 ? 2000 : 1900;
                return is_read;
            }
            case TimePart::kMonth:
                return number(time_.month, 1, 2);
            case TimePart::kMonthName:
                return name(kMonthNames, true, time_.month, 1);
            case TimePart::kMonthLongName:
                return name(kMonthNames, false, time_.month, 1);
            case TimePart::kDay:
                text_.remove_prefix(text_.starts_with(' ') ? 1 : 0);
                return number(time_.day, 1, 2);
            case TimePart::kDayName:
                return name(kDayNames, true, ignored, 0);
            case TimePart::kDayLongName:
                return name(kDayNames, false, ignored, 0);
            case TimePart::kHour:
            case TimePart::kHour12:
                return number(time_.hour, 1, 2);
            case TimePart::kMinute:
                return number(time_.minute, 2, 2);
            case TimePart::kSecond:
                return number(time_.second, 2, 2);
            case TimePart::kHalfOfDay:
                return half_of_day();
            case TimePart::kZoneOrZ:
                if (text_.starts_with('Z') || text_.starts_with('z')) {
                    text_.remove_prefix(1);
                    return true;
                }
                return zone();
            case TimePart::kZone:
                return zone();
            case TimePart::kZoneName:
                return zone_name();
            case TimePart::kText:
                return false;
        }
        return false;
    }

    std::string_view text_;
    CivilTime time_;
    std::int32_t zone_s_ = 0;
    Half half_ = Half::kNone;
};

std::optional<double> decimal(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.begin(), text.end(), value);
    return error == std::errc{} && end == text.end() ? std::optional(value) : std::nullopt;
}

}  // namespace

std::string Moment::to_string() const {
    const CivilTime time = civil_time(ns + zone_s * kNanosecondsPerSecond);
    std::string text = fmt::format(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", time.year, time.month, time.day, time.hour,
        time.minute, time.second
    );
    if (time.ns != 0) {
        text += fmt::format(".{:09}", time.ns);
        text.erase(text.find_last_not_of('0') + 1);
    }
    if (zone_s == 0) {
        return text + "Z";
    }
    const int minutes = std::abs(zone_s) / 60;
    return text + fmt::format("{}{:02}:{:02}", zone_s < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

CivilTime civil_time(std::int64_t ns) {
    using namespace std::chrono;
    const sys_time<nanoseconds> moment{nanoseconds(ns)};
    const auto midnight = floor<days>(moment);
    const year_month_day day(midnight);
    const hh_mm_ss within(moment - midnight);
    return {
        .year = static_cast<int>(day.year()),
        .month = static_cast<int>(static_cast<unsigned>(day.month())),
        .day = static_cast<int>(static_cast<unsigned>(day.day())),
        .hour = static_cast<int>(within.hours().count()),
        .minute = static_cast<int>(within.minutes().count()),
        .second = static_cast<int>(within.seconds().count()),
        .ns = within.subseconds().count(),
        .weekday = static_cast<int>(weekday(midnight).c_encoding())
    };
}

std::string_view weekday_name(const CivilTime& time) {
    return kDayNames[static_cast<std::size_t>(time.weekday)];
}

std::optional<Moment> parse_time(std::string_view text, std::string_view layout, int year) {
    if (text.size() > kTimeTextMax) {
        return std::nullopt;
    }
    TimeReader reader(text, year);
    return reader.read(layout) ? reader.moment() : std::nullopt;
}

std::optional<Moment> parse_any_time(std::string_view text, int year) {
    for (const std::string_view layout : kUsualLayouts) {
        if (const auto moment = parse_time(text, layout, year)) {
            return moment;
        }
    }
    const auto seconds = decimal(text);
    constexpr double kSecondsMax = 7e9;  // the year 2191
    if (!seconds || !(*seconds > 0 && *seconds < kSecondsMax)) {
        return std::nullopt;
    }
    return Moment{.ns = static_cast<std::int64_t>(*seconds) * kNanosecondsPerSecond};
}

std::optional<std::int64_t> parse_duration(std::string_view text) {
    struct Unit {
        std::string_view name;
        double ns;
    };
    constexpr auto kUnits = std::to_array<Unit>(
        {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}}
    );
    constexpr double kDurationMax = 9e18;
    double total = 0;
    if (text.empty()) {
        return std::nullopt;
    }
    while (!text.empty()) {
        const std::size_t digits = std::min(text.find_first_not_of("0123456789."), text.size());
        const auto value = decimal(text.substr(0, digits));
        text.remove_prefix(digits);
        const auto* const unit = std::ranges::find_if(kUnits, [&](const Unit& each) {
            const std::size_t size = each.name.size();
            return text.starts_with(each.name) &&
                   (text.size() == size || text[size] < 'a' || text[size] > 'z');
        });
        if (!value || unit == kUnits.end()) {
            return std::nullopt;
        }
        text.remove_prefix(unit->name.size());
        total += *value * unit->ns;
    }
    return total < kDurationMax ? std::optional(static_cast<std::int64_t>(std::llround(total)))
                                : std::nullopt;
}

}  // namespace phantom::scenario
