#include "api/target.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace phantom::api {
namespace {

using Parameters = std::map<std::string, std::string, std::less<>>;

TEST(Target, cuts_a_path_and_a_query) {
    const auto target = parse_target("/api/v1/alerts/7?state=firing&limit=5");
    ASSERT_TRUE(target.has_value());
    EXPECT_EQ(target->segments, (std::vector<std::string>{"api", "v1", "alerts", "7"}));
    EXPECT_EQ(target->query, (Parameters{{"state", "firing"}, {"limit", "5"}}));
}

TEST(Target, a_slash_alone_has_no_segments_and_one_at_the_end_adds_none) {
    EXPECT_TRUE(parse_target("/")->segments.empty());
    EXPECT_EQ(parse_target("/ack/")->segments.size(), 1U);
}

TEST(Target, decodes_percent_and_plus_where_each_means_something) {
    const auto target = parse_target("/a%20b+c?d%3D=%26+e");
    ASSERT_TRUE(target.has_value());
    EXPECT_EQ(target->segments.front(), "a b+c");
    EXPECT_EQ(target->query, (Parameters{{"d=", "& e"}}));
}

TEST(Target, refuses_what_two_readers_would_read_differently) {
    for (const char* text :
         {"", "api", "http://x/", "//", "/a//b", "/.", "/a/..", "/%2e%2e", "/a%2fb", "/a%", "/a%0",
          "/a%zz", "/%00", "/a b", "/a\x7f", "/a?b=1&b=2", "/a?=1", "*"}) {
        const auto target = parse_target(text);
        ASSERT_FALSE(target.has_value()) << text;
        EXPECT_TRUE(target.error().is(ApiError::kTargetMalformed)) << text;
    }
}

TEST(Target, holds_its_bounds_to_the_last) {
    const std::string longest = "/" + std::string(kTargetSizeMax - 1, 'a');
    EXPECT_TRUE(parse_target(longest).has_value());
    EXPECT_TRUE(parse_target(longest + "a").error().is(ApiError::kTargetTooLong));
    std::string many = "/?";
    for (std::size_t index = 0; index < kParametersMax; ++index) {
        many += "p" + std::to_string(index) + "&";
    }
    EXPECT_TRUE(parse_target(many).has_value());
    EXPECT_TRUE(parse_target(many + "q=1").error().is(ApiError::kTooManyParameters));
    std::string deep;
    for (std::size_t index = 0; index < kSegmentsMax; ++index) {
        deep += "/a";
    }
    EXPECT_TRUE(parse_target(deep).has_value());
    EXPECT_FALSE(parse_target(deep + "/a").has_value());
}

RC_GTEST_PROP(Target, what_is_encoded_is_decoded_again, (const std::string& text)) {
    RC_PRE(text.find('\0') == std::string::npos);
    RC_ASSERT(*decode_percent(encode_percent(text), false) == text);
    RC_ASSERT(*decode_percent(encode_percent(text), true) == text);
}

}  // namespace
}  // namespace phantom::api
