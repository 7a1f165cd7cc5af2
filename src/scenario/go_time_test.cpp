#include "scenario/go_time.h"

#include <gtest/gtest.h>

using namespace phantom::scenario;

namespace {

std::string any(std::string_view text) {
    const auto moment = parse_any_time(text, 2026);
    return moment ? moment->to_string() : "none";
}

TEST(GoTime, usual_times_are_understood) {
    EXPECT_EQ(any("2022-02-03T16:10:36.81Z"), "2022-02-03T16:10:36.81Z");
    EXPECT_EQ(any("2022-01-19T14:23:55+02:00"), "2022-01-19T14:23:55+02:00");
    EXPECT_EQ(any("29/Jul/2023:10:26:06 -0700"), "2023-07-29T10:26:06-07:00");
    EXPECT_EQ(any("Feb  2 14:10:21"), "2026-02-02T14:10:21Z");
    EXPECT_EQ(any("2023/07/29 10:26:06"), "2023-07-29T10:26:06Z");
    EXPECT_EQ(any("Thu Oct 14 15:24:12.023984 2021"), "2021-10-14T15:24:12.023984Z");
    EXPECT_EQ(any("1646861401.25"), "2022-03-09T21:30:01Z");
}

TEST(GoTime, what_is_no_time_is_none) {
    for (const char* text :
         {"", "yesterday", "2022-13-01 00:00:00", "2022-02-30", "-5", "1e300", "nan",
          "2022-01-01T25:00:00Z", "99999999999999999999"}) {
        EXPECT_EQ(any(text), "none") << text;
    }
    EXPECT_EQ(any(std::string(10'000, '1')), "none");
}

TEST(GoTime, a_layout_shows_how_a_time_is_written) {
    const auto said = [](std::string_view text, std::string_view layout) {
        const auto moment = parse_time(text, layout, 2026);
        return moment ? moment->to_string() : "none";
    };
    EXPECT_EQ(said("05/24/2023, 3:04:05 PM", "01/02/2006, 3:04:05 PM"), "2023-05-24T15:04:05Z");
    EXPECT_EQ(said("230524 12:00:01", "060102 15:04:05"), "2023-05-24T12:00:01Z");
    EXPECT_EQ(
        said("2023-05-24 12:00:01,123456789", "2006-01-02 15:04:05,999999999"),
        "2023-05-24T12:00:01.123456789Z"
    );
    EXPECT_EQ(
        said("2023-05-24 12:00:01.123-0700", "2006-01-02 15:04:05.000-0700"),
        "2023-05-24T12:00:01.123-07:00"
    );
    EXPECT_EQ(said("2023-05-24", "2006/01/02"), "none");
}

TEST(GoTime, durations_add_up) {
    EXPECT_EQ(parse_duration("1h30m"), 5'400'000'000'000);
    EXPECT_EQ(parse_duration("0.5s"), 500'000'000);
    EXPECT_EQ(parse_duration("100ms"), 100'000'000);
    for (const char* text : {"", "5", "s", "-1s", "1x", "1h-5m", "1e9h", "99999999999h"}) {
        EXPECT_FALSE(parse_duration(text).has_value()) << text;
    }
}

}  // namespace
