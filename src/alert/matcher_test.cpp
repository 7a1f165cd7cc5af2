#include "alert/matcher.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace phantom::alert {
namespace {

std::string written(std::string_view text) {
    const auto matchers = parse_matchers(text);
    if (!matchers) {
        return "refused";
    }
    std::string all;
    for (const Matcher& matcher : *matchers) {
        all += (all.empty() ? "" : ", ") + matcher.to_string();
    }
    return all;
}

TEST(AlertMatcher, is_read_with_and_without_quotes_and_braces) {
    EXPECT_EQ(written("severity=critical"), R"(severity="critical")");
    EXPECT_EQ(written(R"({ a = "b, c" , d!~"x.*" })"), R"(a="b, c", d!~"x.*")");
    EXPECT_EQ(written(R"(a="\"\\\n")"), R"(a="\"\\\n")");
    EXPECT_EQ(written("a="), R"(a="")");
}

TEST(AlertMatcher, what_is_none_is_refused) {
    for (const char* const text :
         {"", "{}", "a", "=b", "1a=b", "a==b\"", R"(a="b)", R"({a="b")", R"(a="b"})",
          R"(a="b" c="d")", "a=~(",
          R"(a="b", )"
          R"(,)"}) {
        EXPECT_EQ(written(text), "refused") << text;
    }
}

TEST(AlertMatcher, an_expression_has_to_match_the_whole_value) {
    const auto matchers = parse_matchers("host=~db|web");
    ASSERT_TRUE(matchers.has_value());
    EXPECT_TRUE(match_all(*matchers, *Labels::make({{"host", "web"}})));
    EXPECT_FALSE(match_all(*matchers, *Labels::make({{"host", "web1"}})));
    EXPECT_FALSE(match_all(*matchers, *Labels::make({{"host", "adb"}})));
}

TEST(AlertMatcher, a_label_that_is_absent_is_empty) {
    EXPECT_TRUE(match_all(*parse_matchers("team="), Labels()));
    EXPECT_TRUE(match_all(*parse_matchers("team!=x"), Labels()));
    EXPECT_FALSE(match_all(*parse_matchers("team!=\"\""), Labels()));
}

TEST(AlertMatcher, an_expression_that_takes_for_ever_ends) {
    const auto matchers = parse_matchers(R"(a=~"(x+x+)+y")");
    ASSERT_TRUE(matchers.has_value());
    EXPECT_FALSE(match_all(*matchers, *Labels::make({{"a", std::string(200, 'x')}})));
}

RC_GTEST_PROP(AlertMatcher, what_is_written_reads_the_same, (const std::string& value)) {
    RC_PRE(value.size() < 500);
    const auto matcher = make_matcher("name", Matcher::Kind::kEqual, value);
    RC_ASSERT(matcher.has_value());
    const auto again = parse_matchers(matcher->to_string());
    RC_ASSERT(again.has_value());
    RC_ASSERT(again->front().value == value);
}

}  // namespace
}  // namespace phantom::alert
