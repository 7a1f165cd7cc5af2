#include "alert/time_zone.h"

#include <algorithm>
#include <chrono>

#include "base/assert.h"

namespace phantom::alert {

namespace {

constexpr std::int64_t kDayS = 86'400;
constexpr std::int64_t kOffsetMaxS = 26 * 3'600;  // RFC 8536 section 3.2: -25 h to 26 h
constexpr std::size_t kTzifHeaderSize = 44;
constexpr std::int64_t kNsOfSecond = 1'000'000'000;

std::unexpected<Error> bad_zone() {
    return fail(AlertError::kTimeZone);
}

struct TzifHeader {
    std::uint8_t version = 0;
    std::size_t utc_count = 0;
    std::size_t standard_count = 0;
    std::size_t leap_count = 0;
    std::size_t time_count = 0;
    std::size_t type_count = 0;
    std::size_t name_count = 0;

    [[nodiscard]] std::size_t body_size(std::size_t time_size) const {
        return time_count * (time_size + 1) + type_count * 6 + name_count +
               leap_count * (time_size + 4) + standard_count + utc_count;
    }
};

Result<TzifHeader> parse_tzif_header(ByteView file) {
    constexpr std::array<std::uint8_t, 4> kMagic{'T', 'Z', 'i', 'f'};
    if (file.size() < kTzifHeaderSize || !std::ranges::equal(file.first(4), kMagic)) {
        return bad_zone();
    }
    const auto count_at = [&](std::size_t at) {
        return std::size_t{load_be<std::uint32_t>(file.data() + at)};
    };
    const TzifHeader header{
        .version = file[4],
        .utc_count = count_at(20),
        .standard_count = count_at(24),
        .leap_count = count_at(28),
        .time_count = count_at(32),
        .type_count = count_at(36),
        .name_count = count_at(40)
    };
    if (header.time_count > kZoneTransitionsMax || header.type_count == 0 ||
        header.type_count > 256 || header.name_count > 2'048 || header.leap_count > 1'024 ||
        header.utc_count > 256 || header.standard_count > 256) {
        return bad_zone();
    }
    return header;
}

// The text after the second body, between newlines.
Result<std::string_view> footer_of(ByteView rest) {
    const std::string_view text(reinterpret_cast<const char*>(rest.data()), rest.size());
    const std::size_t end = text.find('\n', 1);
    if (text.empty() || text[0] != '\n' || end == std::string_view::npos) {
        return bad_zone();
    }
    return text.substr(1, end - 1);
}

std::int64_t day_number(std::int64_t year, unsigned month, unsigned day) {
    using namespace std::chrono;
    return sys_days(year_month_day(
                        std::chrono::year(static_cast<int>(year)), std::chrono::month(month),
                        std::chrono::day(day)
                    ))
        .time_since_epoch()
        .count();
}

std::int64_t year_of(std::int64_t unix_s) {
    using namespace std::chrono;
    const sys_days day = floor<days>(sys_seconds(seconds(unix_s)));
    return static_cast<int>(year_month_day(day).year());
}

std::int64_t day_of_change(const ZoneChange& change, std::int64_t year) {
    const std::int64_t first = day_number(year, 1, 1);
    if (change.kind == ZoneChange::Kind::kDayFromZero) {
        return first + change.day;
    }
    if (change.kind == ZoneChange::Kind::kDayWithoutLeap) {
        const bool is_leap = std::chrono::year(static_cast<int>(year)).is_leap();
        return first + change.day - 1 + (is_leap && change.day >= 60 ? 1 : 0);
    }
    const std::int64_t month_begin = day_number(year, static_cast<unsigned>(change.month), 1);
    const std::int64_t next_month =
        change.month == 12 ? day_number(year + 1, 1, 1)
                           : day_number(year, static_cast<unsigned>(change.month) + 1, 1);
    const std::int64_t weekday = ((month_begin + 4) % 7 + 7) % 7;  // 1970-01-01: Thursday
    std::int64_t day =
        month_begin + (change.day - weekday + 7) % 7 + std::int64_t{7} * (change.week - 1);
    while (day >= next_month) {
        day -= 7;
    }
    return day;
}

// Seconds since 1970 on the local clock before the change.
std::int64_t change_in(const ZoneChange& change, std::int64_t year) {
    return day_of_change(change, year) * kDayS + change.at_s;
}

std::int64_t offset_by_rule(const ZoneRule& rule, std::int64_t unix_s) {
    if (!rule.has_summer) {
        return rule.standard_s;
    }
    const std::int64_t year = year_of(unix_s + rule.standard_s);
    const std::int64_t begin = change_in(rule.begin, year) - rule.standard_s;
    const std::int64_t end = change_in(rule.end, year) - rule.summer_s;
    const bool is_summer = begin < end ? begin <= unix_s && unix_s < end   // in the north
                                       : unix_s < end || begin <= unix_s;  // in the south
    return is_summer ? rule.summer_s : rule.standard_s;
}

}  // namespace

Result<TimeZone> TimeZone::parse(ByteView file) {
    if (file.size() > kZoneFileSizeMax) {
        return bad_zone();
    }
    const TzifHeader old = PM_TRY(parse_tzif_header(file));
    const std::size_t old_size = kTzifHeaderSize + old.body_size(4);
    // The first body is for readers of 32 bits; since 1995 there is a second one.
    if (old.version < '2' || file.size() < old_size) {
        return bad_zone();
    }
    file = file.subspan(old_size);
    const TzifHeader header = PM_TRY(parse_tzif_header(file));
    if (file.size() < kTzifHeaderSize + header.body_size(8)) {
        return bad_zone();
    }
    const ByteView times = file.subspan(kTzifHeaderSize, header.time_count * 8);
    const ByteView indices = file.subspan(kTzifHeaderSize + times.size(), header.time_count);
    const ByteView types =
        file.subspan(kTzifHeaderSize + times.size() + indices.size(), header.type_count * 6);
    std::vector<std::int64_t> offsets;
    for (std::size_t index = 0; index < header.type_count; ++index) {
        offsets.push_back(static_cast<std::int32_t>(load_be<std::uint32_t>(&types[index * 6])));
        if (offsets.back() < -kOffsetMaxS || offsets.back() > kOffsetMaxS) {
            return bad_zone();
        }
    }
    TimeZone zone;
    zone.first_offset_s_ = offsets.front();
    for (std::size_t index = 0; index < header.time_count; ++index) {
        const auto at = static_cast<std::int64_t>(load_be<std::uint64_t>(&times[index * 8]));
        if (indices[index] >= offsets.size() ||
            (index > 0 && at <= zone.transitions_.back().at_s)) {
            return bad_zone();
        }
        zone.transitions_.push_back({at, offsets[indices[index]]});
    }
    const std::string_view rule =
        PM_TRY(footer_of(file.subspan(kTzifHeaderSize + header.body_size(8))));
    if (!rule.empty()) {
        zone.rule_ = PM_TRY(parse_zone_rule(rule));
    }
    return zone;
}

std::int64_t TimeZone::offset_s_at(std::int64_t unix_s) const {
    if (rule_ && (transitions_.empty() || unix_s >= transitions_.back().at_s)) {
        return offset_by_rule(*rule_, unix_s);
    }
    const auto after = std::ranges::upper_bound(transitions_, unix_s, {}, &Transition::at_s);
    return after == transitions_.begin() ? first_offset_s_ : std::prev(after)->offset_s;
}

std::int64_t TimeZone::local_s(WallTime at) const {
    const std::int64_t unix_s = at.ns / kNsOfSecond - (at.ns % kNsOfSecond < 0 ? 1 : 0);
    return unix_s + offset_s_at(unix_s);
}

WallTime TimeZone::at_local(std::int64_t local_s) const {
    const std::int64_t before = offset_s_at(local_s - kDayS);
    const std::int64_t after = offset_s_at(local_s + kDayS);
    if (offset_s_at(local_s - before) != before && offset_s_at(local_s - after) == after) {
        return {(local_s - after) * kNsOfSecond};
    }
    return {(local_s - before) * kNsOfSecond};
}

}  // namespace phantom::alert
