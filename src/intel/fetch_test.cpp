#include "intel/fetch.h"

#include <gtest/gtest.h>

namespace phantom::intel {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kNsPerSecond = 1'000'000'000;
constexpr WallTime kNow{1'800'000'000 * kNsPerSecond};

TEST(FetchState, is_read_back_as_it_was) {
    const FetchState state{
        .url = "https://feeds.example/list.txt?key=1",
        .etag = "\"ab\\c\"",
        .last_modified = "Sun, 29 Nov 2026 10:00:00 GMT",
        .fetched = kNow,
        .checked = {kNow.ns + 7},
    };
    const auto again = fetch_state_from(to_record(state));
    ASSERT_TRUE(again.has_value()) << again.error().to_string();
    EXPECT_EQ(*again, state);
}

TEST(FetchState, that_is_none_is_refused) {
    FetchState good;
    good.url = "http://a/";
    good.etag = "x";
    EXPECT_TRUE(fetch_state_from(to_record(good)).has_value());
    FetchState wrong = good;
    wrong.url = "file:///etc/passwd";
    EXPECT_FALSE(fetch_state_from(to_record(wrong)).has_value());
    wrong = good;
    wrong.etag = "x\r\nHost: other";
    EXPECT_FALSE(fetch_state_from(to_record(wrong)).has_value());
    wrong.etag = std::string(257, 'x');
    EXPECT_FALSE(fetch_state_from(to_record(wrong)).has_value());
    for (const char* text :
         {"", "{", "[]", "{}", R"({"schema":"phantom.fetch/2","url":"http://a/"})"}) {
        EXPECT_FALSE(fetch_state_from(text).has_value()) << text;
    }
    EXPECT_FALSE(fetch_state_from(std::string(kFetchStateSizeMax + 1, ' ')).has_value());
}

TEST(FetchWait, is_the_interval_give_or_take_a_tenth) {
    SeededRandom random(1);
    std::chrono::seconds least = 24h;
    std::chrono::seconds most = 0s;
    for (int count = 0; count < 1'000; ++count) {
        const auto wait = wait_after_success(10h, random);
        least = std::min(least, wait);
        most = std::max(most, wait);
    }
    EXPECT_GE(least, 9h);
    EXPECT_LT(least, 9h + 10min);
    EXPECT_LE(most, 11h);
    EXPECT_GT(most, 11h - 10min);
}

TEST(FetchWait, doubles_with_each_failure_up_to_a_bound) {
    SeededRandom random(1);
    const auto wait = [&](unsigned failures, std::chrono::seconds retry_after = 0s) {
        return wait_after_failure(failures, 24h, retry_after, random);
    };
    for (const auto& [failures, backoff] :
         {std::pair(1U, 60s), std::pair(2U, 120s), std::pair(5U, 960s), std::pair(20U, 21'600s),
          std::pair(4'000'000'000U, 21'600s)}) {
        EXPECT_GE(wait(failures), backoff);
        EXPECT_LE(wait(failures), backoff * 5 / 4);
    }
    EXPECT_LE(wait_after_failure(20, 10min, 0s, random), 750s) << "no longer than the interval";
    EXPECT_GE(wait_after_failure(1, 1s, 0s, random), 60s) << "nor shorter than the first";
    EXPECT_GE(wait(1, 1h), 1h) << "a server that wants to be left alone is";
    EXPECT_LE(wait(1, 8'760h), 30h) << "for a day at most";
}

TEST(FetchWait, at_the_start_is_what_is_left_of_the_interval) {
    FetchState state;
    state.fetched = kNow;
    state.checked = {kNow.ns - 3'600 * kNsPerSecond};
    EXPECT_EQ(first_wait(state, 6h, kNow), 5h);
    EXPECT_EQ(first_wait(state, 30min, kNow), 0s);
    state.checked = {kNow.ns + 1};
    EXPECT_EQ(first_wait(state, 6h, kNow), 0s) << "the clock was set back";
    EXPECT_EQ(first_wait({}, 6h, kNow), 0s);
}

TEST(FetchUrl, has_a_host_and_nobodys_password) {
    for (const char* good : {"http://a", "https://feeds.example:8443/x?y=z#w", "http://[::1]/"}) {
        EXPECT_TRUE(is_fetch_url(good)) << good;
    }
    for (const char* bad :
         {"", "ftp://a/", "file:///etc/passwd", "http://", "http:///x", "http://me:secret@a/",
          "http://a/ b", "HTTP://a/", "http://:80/", "https://a/\r\nX: y", "http://\xc3\xa4/"}) {
        EXPECT_FALSE(is_fetch_url(bad)) << bad;
    }
    EXPECT_FALSE(is_fetch_url("http://a/" + std::string(kFetchUrlSizeMax, 'x')));
    EXPECT_EQ(origin_of("https://feeds.example:8443/x?key=secret"), "https://feeds.example:8443");
}

}  // namespace
}  // namespace phantom::intel
