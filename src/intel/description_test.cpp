#include "intel/description.h"

#include <gtest/gtest.h>

namespace phantom::intel {
namespace {

using namespace std::chrono_literals;

std::string problem_of(std::string_view text) {
    const auto read = read_descriptions(text);
    if (read) {
        return "none";
    }
    return std::to_string(read.error().at.line) + ":" + std::to_string(read.error().at.column) +
           ": " + read.error().text;
}

TEST(Descriptions, are_read_with_everything_that_may_be_said) {
    const auto feeds = read_descriptions(R"({
      // what we trust
      "feeds": {
        "late": {"path": "x.csv", "format": "csv", "column": "ip", "delimiter": ";", "priority": "9"},
        "ipsum": {
          "path": "ipsum.txt", "format": "ipsum", "kind": "block", "confidence": "0.4",
          "half_life": "36h", "shrink": "0.25", "growth": "3", "rows": "2000000", "priority": "1",
        },
        "resolvers": {"path": "/srv/list.json", "format": "misp"},
        "kev": {"path": "kev.json", "format": "kev"},
      },
    })");
    ASSERT_TRUE(feeds.has_value()) << feeds.error().text;
    ASSERT_EQ(feeds->size(), 4U);
    const FeedDescription& first = feeds->front();
    EXPECT_EQ(first.name, "ipsum");
    EXPECT_EQ(first.format, FeedFormat::kIpsum);
    EXPECT_DOUBLE_EQ(first.confidence, 0.4);
    EXPECT_EQ(first.half_life, 36h);
    EXPECT_DOUBLE_EQ(first.shrink, 0.25);
    EXPECT_DOUBLE_EQ(first.growth, 3);
    EXPECT_EQ(first.rows_max, 2'000'000U);
    EXPECT_EQ((*feeds)[1].kind, FeedKind::kGuard);
    EXPECT_EQ((*feeds)[2].kind, FeedKind::kKev);
    EXPECT_EQ(feeds->back().csv.column_name, "ip");
    EXPECT_EQ(feeds->back().csv.delimiter, ';');
}

TEST(Descriptions, say_where_what_is_wrong) {
    EXPECT_EQ(problem_of(R"({"feeds": {}})"), "none");
    EXPECT_EQ(problem_of("[]"), "1:1: the file is {\"feeds\": {\"NAME\": {...}, ...}}");
    EXPECT_EQ(
        problem_of("{\"feeds\": {\n \"a\": {\"path\": \"x\", \"format\": \"xml\"}}}"),
        "2:31: \"format\" is plain, csv, netset, ipsum, stix, misp or kev"
    );
    EXPECT_EQ(
        problem_of(R"({"feeds": {"a": {"path": "x", "format": "plain", "color": "red"}}})"),
        "1:50: \"color\" is not known in a feed"
    );
    EXPECT_EQ(
        problem_of(R"({"feeds": {"a": {"format": "plain"}}})"),
        "1:17: the feed needs \"path\" or \"url\", one of them"
    );
    EXPECT_EQ(
        problem_of(R"({"feeds": {"../a": {"path": "x", "format": "plain"}}})"),
        "1:12: \"../a\" is no name: a-z, 0-9, '-' and '_', 32 at most"
    );
    for (const char* const wrong :
         {R"("confidence": "1.5")", R"("confidence": "nan")", R"("half_life": "0d")",
          R"("half_life": "7")", R"("half_life": "")", R"("rows": "0")", R"("rows": "99999999")",
          R"("growth": "0.5")", R"("delimiter": "ab")", R"("priority": "0")", R"("kind": "kev")",
          R"("confidence": 1)", R"("path": "")"}) {
        const std::string text =
            R"({"feeds": {"a": {"format": "plain", )" + std::string(wrong) + R"(, "path" : "x"}}})";
        EXPECT_NE(problem_of(text), "none") << wrong;
    }
}

TEST(Descriptions, of_a_feed_that_is_fetched) {
    const auto feeds = read_descriptions(R"({"feeds": {"a": {
        "url": "https://feeds.example/list", "interval": "30m", "ca": "/etc/ca.pem", "format": "plain"}}})"
    );
    ASSERT_TRUE(feeds.has_value()) << feeds.error().text;
    EXPECT_EQ(feeds->front().url, "https://feeds.example/list");
    EXPECT_EQ(feeds->front().interval, 30min);
    EXPECT_EQ(feeds->front().ca, "/etc/ca.pem");
    EXPECT_EQ(feeds->front().path, "");
    for (const char* const wrong :
         {R"("url": "ftp://a/")", R"("url": "http://me:secret@a/")", R"("url": "")",
          R"("url": "http://a/", "path": "x")", R"("url": "http://a/", "interval": "31d")",
          R"("url": "http://a/", "interval": "10s")", R"("path": "x", "interval": "1h")",
          R"("path": "x", "ca": "/x")", R"("url": "http://a/", "ca": "x")"}) {
        const std::string text =
            R"({"feeds": {"a": {"format": "plain", )" + std::string(wrong) + "}}}";
        EXPECT_NE(problem_of(text), "none") << wrong;
    }
}

TEST(Descriptions, are_bounded) {
    std::string text = "{\"feeds\": {";
    for (std::size_t index = 0; index <= kFeedsMax; ++index) {
        text += "\"f" + std::to_string(index) + R"(": {"path": "x", "format": "plain"},)";
    }
    EXPECT_NE(problem_of(text + "}}").find("more than 64 feeds"), std::string::npos);
    EXPECT_NE(
        problem_of(std::string(kDescriptionsSizeMax + 1, ' ')).find("longer"), std::string::npos
    );
}

}  // namespace
}  // namespace phantom::intel
