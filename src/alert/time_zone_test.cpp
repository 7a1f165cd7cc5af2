#include "alert/time_zone.h"

#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "alert/alert_json.h"
#include "alert/rota.h"
#include "alert/time_interval.h"

namespace phantom::alert {
namespace {

// The file of the machine; nothing where tzdata is not installed.
std::vector<std::uint8_t> zone_file(const std::string& name) {
    std::ifstream file("/usr/share/zoneinfo/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

ZonePointer zone_named(const std::string& name) {
    auto zone = TimeZone::parse(zone_file(name));
    return zone ? std::make_shared<const TimeZone>(std::move(*zone)) : nullptr;
}

WallTime at(std::string_view text) {
    const auto read = parse_rfc3339(text);
    EXPECT_TRUE(read.has_value()) << text;
    return read.value_or(WallTime{});
}

std::int64_t seconds(std::string_view text) {
    return at(text).ns / 1'000'000'000;
}

#define NEEDS_ZONE(zone, name)                      \
    const ZonePointer zone = zone_named(name);      \
    if (zone == nullptr) {                          \
        GTEST_SKIP() << "tzdata has no " << (name); \
    }

TEST(TimeZone, knows_summer_time_of_the_past_and_of_the_future) {
    NEEDS_ZONE(berlin, "Europe/Berlin")
    EXPECT_EQ(berlin->offset_s_at(seconds("2026-01-15T12:00:00Z")), 3'600);
    EXPECT_EQ(berlin->offset_s_at(seconds("2026-07-15T12:00:00Z")), 7'200);
    // 2026-03-29 and 2026-10-25, 01:00 UTC.
    EXPECT_EQ(berlin->offset_s_at(seconds("2026-03-29T00:59:59Z")), 3'600);
    EXPECT_EQ(berlin->offset_s_at(seconds("2026-03-29T01:00:00Z")), 7'200);
    EXPECT_EQ(berlin->offset_s_at(seconds("2026-10-25T00:59:59Z")), 7'200);
    EXPECT_EQ(berlin->offset_s_at(seconds("2026-10-25T01:00:00Z")), 3'600);
    // Beyond what a file of 32 bits has.
    EXPECT_EQ(berlin->offset_s_at(seconds("2091-07-15T12:00:00Z")), 7'200);
    EXPECT_EQ(berlin->offset_s_at(seconds("2091-12-15T12:00:00Z")), 3'600);
}

TEST(TimeZone, knows_the_south_and_odd_offsets) {
    NEEDS_ZONE(sydney, "Australia/Sydney")
    EXPECT_EQ(sydney->offset_s_at(seconds("2045-01-15T12:00:00Z")), 39'600);
    EXPECT_EQ(sydney->offset_s_at(seconds("2045-07-15T12:00:00Z")), 36'000);
    NEEDS_ZONE(kathmandu, "Asia/Kathmandu")
    EXPECT_EQ(kathmandu->offset_s_at(seconds("2026-07-15T12:00:00Z")), 20'700);
}

TEST(TimeZone, a_clock_leads_back_to_the_instant) {
    NEEDS_ZONE(berlin, "Europe/Berlin")
    const auto back = [&](std::string_view local) { return berlin->at_local(seconds(local)); };
    EXPECT_EQ(back("2026-01-15T09:00:00Z"), at("2026-01-15T08:00:00Z"));
    EXPECT_EQ(back("2026-07-15T09:00:00Z"), at("2026-07-15T07:00:00Z"));
    // Shown twice: the first. Never shown: as late as if nothing had changed.
    EXPECT_EQ(back("2026-10-25T02:30:00Z"), at("2026-10-25T00:30:00Z"));
    EXPECT_EQ(back("2026-03-29T02:30:00Z"), at("2026-03-29T01:30:00Z"));
    EXPECT_EQ(back("2026-03-29T03:30:00Z"), at("2026-03-29T01:30:00Z"));
}

TEST(TimeZone, agrees_with_the_system_where_both_know) {
    for (const char* const name : {"Europe/Berlin", "America/New_York", "Asia/Tehran"}) {
        const ZonePointer zone = zone_named(name);
        if (zone == nullptr) {
            GTEST_SKIP() << "tzdata has no " << name;
        }
        ASSERT_EQ(::setenv("TZ", name, 1), 0);
        ::tzset();
        for (std::int64_t second = -1'000'000'000; second < 3'900'000'000; second += 9'999'991) {
            const std::time_t time = second;
            std::tm local{};
            ::localtime_r(&time, &local);
            ASSERT_EQ(zone->offset_s_at(second), local.tm_gmtoff) << name << " at " << second;
        }
    }
    ::unsetenv("TZ");
    ::tzset();
}

TEST(TimeZone, what_is_cut_off_or_wrong_is_refused) {
    std::vector<std::uint8_t> file = zone_file("Europe/Berlin");
    if (file.empty()) {
        GTEST_SKIP() << "tzdata is not installed";
    }
    for (std::size_t size = 0; size < file.size(); ++size) {
        EXPECT_FALSE(TimeZone::parse(ByteView(file).first(size)).has_value()) << size;
    }
    file[0] = 'X';
    EXPECT_FALSE(TimeZone::parse(file).has_value());
}

TEST(ZoneRule, posix_texts) {
    const auto rule = parse_zone_rule("CET-1CEST,M3.5.0,M10.5.0/3");
    ASSERT_TRUE(rule.has_value());
    EXPECT_EQ(rule->standard_s, 3'600);
    EXPECT_EQ(rule->summer_s, 7'200);
    EXPECT_EQ(rule->end.at_s, 10'800);
    EXPECT_EQ(parse_zone_rule("<+0545>-5:45")->standard_s, 20'700);
    EXPECT_EQ(parse_zone_rule("UTC0")->standard_s, 0);
    EXPECT_TRUE(parse_zone_rule("<-02>2<-01>,M3.5.0/-1,M10.5.0/0").has_value());
    for (const char* const wrong :
         {"", "A1", "CET", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.1.0,M1.1.0", "CET-99",
          "<CET-1", "CET-1CEST,M3.5.0,M10.5.0/3x"}) {
        EXPECT_FALSE(parse_zone_rule(wrong).has_value()) << wrong;
    }
}

TEST(TimeInterval, is_of_the_clock_of_its_place) {
    NEEDS_ZONE(berlin, "Europe/Berlin")
    TimeInterval office;
    office.minutes = {{9 * 60, 17 * 60}};
    EXPECT_FALSE(contains(office, at("2026-07-15T08:30:00Z")));
    office.zone = berlin;
    EXPECT_TRUE(contains(office, at("2026-07-15T07:30:00Z")));   // 09:30
    EXPECT_FALSE(contains(office, at("2026-01-15T07:30:00Z")));  // 08:30
}

Rota berlin_rota(ZonePointer zone) {
    Rota rota;
    rota.name = "ops";
    rota.zone = std::move(zone);
    rota.first_day = seconds("2026-01-05T00:00:00Z") / 86'400;  // a Monday
    rota.handover_minute = 9 * 60;
    rota.shift_days = 7;
    rota.people = {"ann", "bob", "cyd"};
    return rota;
}

TEST(Rota, changes_hands_at_the_same_hour_in_summer) {
    NEEDS_ZONE(berlin, "Europe/Berlin")
    const Rota rota = berlin_rota(berlin);
    EXPECT_EQ(shift_at(rota, {}, at("2026-01-05T08:00:00Z")).who, "ann");
    EXPECT_EQ(shift_at(rota, {}, at("2026-01-12T07:59:59Z")).who, "ann");
    EXPECT_EQ(shift_at(rota, {}, at("2026-01-12T08:00:00Z")).who, "bob");
    // The week before summer time begins ends an hour earlier.
    const Shift spring = shift_at(rota, {}, at("2026-03-25T12:00:00Z"));
    EXPECT_EQ(spring.from, at("2026-03-23T08:00:00Z"));
    EXPECT_EQ(spring.until, at("2026-03-30T07:00:00Z"));
    // Before the first shift it goes on backwards.
    EXPECT_EQ(shift_at(rota, {}, at("2026-01-05T07:59:59Z")).who, "cyd");
}

TEST(Rota, an_override_stands_in_and_ends) {
    Rota rota = berlin_rota(nullptr);
    rota.overrides = {
        {.from = at("2026-01-06T00:00:00Z"), .until = at("2026-01-07T00:00:00Z"), .who = "cyd"}
    };
    const Shift before = shift_at(rota, {}, at("2026-01-05T12:00:00Z"));
    EXPECT_EQ(before.who, "ann");
    EXPECT_EQ(before.until, at("2026-01-06T00:00:00Z"));
    const Shift during = shift_at(rota, {}, at("2026-01-06T00:00:00Z"));
    EXPECT_EQ(during.who, "cyd");
    EXPECT_TRUE(during.is_override);
    EXPECT_EQ(shift_at(rota, {}, at("2026-01-07T00:00:00Z")).who, "ann");
    const RotaOverride later_word{
        .from = at("2026-01-06T06:00:00Z"), .until = at("2026-01-06T08:00:00Z"), .who = "bob"
    };
    EXPECT_EQ(shift_at(rota, {later_word}, at("2026-01-06T07:00:00Z")).who, "bob");
}

}  // namespace
}  // namespace phantom::alert
