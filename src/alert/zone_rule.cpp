#include <algorithm>

#include "alert/time_zone.h"

namespace phantom::alert {

namespace {

// Reads a POSIX TZ text from its front; the first thing that is wrong ends it.
class RuleReader {
  public:
    explicit RuleReader(std::string_view text) : rest_(text) {}

    [[nodiscard]] bool read(ZoneRule& rule) {
        std::int64_t west = 0;
        if (!name() || !time(west, 24)) {
            return false;
        }
        rule.standard_s = -west;
        if (rest_.empty()) {
            return true;
        }
        rule.has_summer = true;
        rule.summer_s = rule.standard_s + 3'600;
        if (!name()) {
            return false;
        }
        if (!rest_.empty() && rest_[0] != ',') {
            if (!time(west, 24)) {
                return false;
            }
            rule.summer_s = -west;
        }
        return take(',') && change(rule.begin) && take(',') && change(rule.end) && rest_.empty();
    }

  private:
    bool take(char wanted) {
        if (rest_.empty() || rest_[0] != wanted) {
            return false;
        }
        rest_.remove_prefix(1);
        return true;
    }

    bool name() {
        std::size_t size = 0;
        if (take('<')) {
            size = rest_.find('>');
            if (size == std::string_view::npos) {
                return false;
            }
            rest_.remove_prefix(size + 1);
            return size >= 3;
        }
        while (size < rest_.size() && ((rest_[size] >= 'a' && rest_[size] <= 'z') ||
                                       (rest_[size] >= 'A' && rest_[size] <= 'Z'))) {
            ++size;
        }
        rest_.remove_prefix(size);
        return size >= 3;
    }

    bool number(std::int64_t& value, std::int64_t least, std::int64_t most) {
        constexpr std::size_t kDigitsMax = 3;
        std::size_t size = 0;
        value = 0;
        while (size < rest_.size() && size < kDigitsMax && rest_[size] >= '0' && rest_[size] <= '9'
        ) {
            value = value * 10 + (rest_[size] - '0');
            ++size;
        }
        rest_.remove_prefix(size);
        return size > 0 && value >= least && value <= most;
    }

    // [+-]hh[:mm[:ss]]
    bool time(std::int64_t& seconds, std::int64_t hours_max) {
        const bool is_negative = take('-');
        if (!is_negative) {
            (void)take('+');
        }
        std::int64_t hours = 0;
        std::int64_t minutes = 0;
        std::int64_t rest = 0;
        if (!number(hours, 0, hours_max) || (take(':') && !number(minutes, 0, 59)) ||
            (take(':') && !number(rest, 0, 59))) {
            return false;
        }
        seconds = hours * 3'600 + minutes * 60 + rest;
        seconds = is_negative ? -seconds : seconds;
        return true;
    }

    bool change(ZoneChange& change) {
        std::int64_t month = 1;
        std::int64_t week = 1;
        std::int64_t day = 0;
        bool is_right = false;
        if (take('M')) {
            change.kind = ZoneChange::Kind::kWeekdayOfMonth;
            is_right = number(month, 1, 12) && take('.') && number(week, 1, 5) && take('.') &&
                       number(day, 0, 6);
        } else if (take('J')) {
            change.kind = ZoneChange::Kind::kDayWithoutLeap;
            is_right = number(day, 1, 365);
        } else {
            change.kind = ZoneChange::Kind::kDayFromZero;
            is_right = number(day, 0, 365);
        }
        change.month = static_cast<int>(month);
        change.week = static_cast<int>(week);
        change.day = static_cast<int>(day);
        constexpr std::int64_t kHoursMax = 167;  // RFC 8536 section 3.3.1
        return is_right && (!take('/') || time(change.at_s, kHoursMax));
    }

    std::string_view rest_;
};

}  // namespace

Result<ZoneRule> parse_zone_rule(std::string_view text) {
    ZoneRule rule;
    if (!RuleReader(text).read(rule)) {
        return fail(AlertError::kTimeZone);
    }
    return rule;
}

}  // namespace phantom::alert
