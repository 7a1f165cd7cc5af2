#include "intel/version.h"

#include <gtest/gtest.h>

#include "intel/intel_fixture.h"

namespace phantom::intel::test {
namespace {

using Source = FeedVersion::Source;

std::string lines(int count) {
    std::string text;
    for (int line = 0; line < count; ++line) {
        text += "198.51.100." + std::to_string(line) + "\n";
    }
    return text;
}

FeedVersion choose(
    const std::string& current, std::optional<std::string> last,
    const FeedDescription& feed = feed_of(FeedFormat::kPlain)
) {
    FeedFiles files{.current = FeedFile{current, {2}}, .last_good = std::nullopt};
    if (last) {
        files.last_good = FeedFile{*last, {1}};
    }
    return choose_version(feed, files, kTestNow);
}

TEST(Versions, the_first_good_one_is_taken_and_kept) {
    const FeedVersion version = choose(lines(3), std::nullopt);
    EXPECT_EQ(version.source, Source::kCurrent);
    EXPECT_EQ(version.content.size(), 3U);
    EXPECT_TRUE(version.keep);
    EXPECT_EQ(version.published.ns, 2);
    EXPECT_EQ(version.problem, "");
}

TEST(Versions, what_is_known_already_is_not_kept_again) {
    const FeedVersion version = choose(lines(3), lines(3));
    EXPECT_EQ(version.source, Source::kCurrent);
    EXPECT_EQ(version.content.size(), 3U);
    EXPECT_FALSE(version.keep);
}

TEST(Versions, that_shrink_or_grow_too_much_leave_the_last_good_one) {
    EXPECT_EQ(choose(lines(5), lines(10)).source, Source::kCurrent);
    const FeedVersion small = choose(lines(4), lines(10));
    EXPECT_EQ(small.source, Source::kLastGood);
    EXPECT_EQ(small.content.size(), 10U);
    EXPECT_EQ(small.published.ns, 1);
    EXPECT_FALSE(small.keep);
    EXPECT_EQ(
        small.problem, "feed.txt: 4 entries, and there were 10: less than \"shrink\" 0.5 allows"
    );
    EXPECT_EQ(choose(lines(100), lines(10)).source, Source::kCurrent);
    EXPECT_EQ(
        choose(lines(101), lines(10)).problem,
        "feed.txt: 101 entries, and there were 10: more than \"growth\" 10 allows"
    );
    FeedDescription told = feed_of(FeedFormat::kPlain);
    told.shrink = 0;
    EXPECT_EQ(choose(lines(1), lines(10), told).source, Source::kCurrent);
}

TEST(Versions, that_cannot_be_read_leave_the_last_good_one) {
    const FeedDescription misp = feed_of(FeedFormat::kMisp);
    const std::string whole = R"({"type": "cidr", "list": ["192.0.2.1", "192.0.2.2"]})";
    const FeedVersion half = choose(whole.substr(0, whole.size() / 2 + 10), whole, misp);
    EXPECT_EQ(half.source, Source::kLastGood);
    EXPECT_EQ(half.content.size(), 2U);
    EXPECT_NE(half.problem.find("cut off"), std::string::npos) << half.problem;
    const FeedVersion gone = choose_version(
        misp, {.current = std::unexpected("no such file"), .last_good = FeedFile{whole, {1}}},
        kTestNow
    );
    EXPECT_EQ(gone.source, Source::kLastGood);
    EXPECT_EQ(gone.problem, "feed.txt: no such file");
}

TEST(Versions, of_which_none_is_good_are_nothing) {
    const FeedVersion version = choose("0.0.0.0/0\n", std::nullopt);
    EXPECT_EQ(version.source, Source::kNone);
    EXPECT_EQ(version.content.size(), 0U);
    EXPECT_NE(version.problem, "");
    EXPECT_EQ(choose("", "also nothing").source, Source::kNone);
}

}  // namespace
}  // namespace phantom::intel::test
