#include "courier/download.h"

#include <gtest/gtest.h>

#include "courier/server_fixture.h"

namespace phantom::courier {
namespace {

using Kind = Downloaded::Kind;

constexpr std::atomic<bool> kGoesOn{false};

DownloadRequest request_for(const OneByOneServer& server) {
    DownloadRequest request;
    request.url = server.url();
    request.size_max = 1'000;
    request.timeout = std::chrono::milliseconds(5'000);
    return request;
}

Downloaded got_from(const OneByOneServer::AnswerTo& answer) {
    const OneByOneServer server(answer);
    return download(request_for(server), kGoesOn);
}

TEST(Download, takes_a_file_with_what_the_server_says_of_it) {
    const Downloaded got = got_from([](std::size_t) {
        return response(
            200, "ETag: \"one\"\r\nLast-Modified: Sun, 01 Nov 2026 10:00:00 GMT\r\n", "a file"
        );
    });
    EXPECT_EQ(got.kind, Kind::kNew) << got.problem;
    EXPECT_EQ(got.body, "a file");
    EXPECT_EQ(got.etag, "\"one\"");
    EXPECT_EQ(got.last_modified, "Sun, 01 Nov 2026 10:00:00 GMT");
    EXPECT_EQ(got.modified_s, 1'793'527'200);
    EXPECT_EQ(got.problem, "");
}

TEST(Download, asks_for_what_is_new_only) {
    OneByOneServer server([](std::size_t) { return std::string("HTTP/1.1 304 x\r\n\r\n"); });
    DownloadRequest request = request_for(server);
    EXPECT_EQ(download(request, kGoesOn).kind, Kind::kRefused) << "it was not asked to compare";
    request.etag = "\"one\"";
    request.last_modified = "Sun, 01 Nov 2026 10:00:00 GMT";
    EXPECT_EQ(download(request, kGoesOn).kind, Kind::kUnchanged);
    const std::string asked = server.requests().back();
    EXPECT_NE(asked.find("If-None-Match: \"one\"\r\n"), std::string::npos) << asked;
    EXPECT_NE(asked.find("If-Modified-Since: Sun, 01 Nov 2026"), std::string::npos) << asked;
}

TEST(Download, takes_all_of_it_or_nothing) {
    EXPECT_EQ(
        got_from([](std::size_t) { return response(200, "", std::string(1'000, 'x')); }).kind,
        Kind::kNew
    );
    const Downloaded longer =
        got_from([](std::size_t) { return response(200, "", std::string(1'001, 'x')); });
    EXPECT_EQ(longer.kind, Kind::kFailed);
    EXPECT_EQ(longer.problem, "longer than 1000 bytes");
    EXPECT_EQ(longer.body, "");
    const Downloaded half = got_from([](std::size_t) {
        return std::string("HTTP/1.1 200 x\r\nContent-Length: 100\r\n\r\nhalf");
    });
    EXPECT_EQ(half.kind, Kind::kFailed);
    EXPECT_EQ(half.body, "");
    EXPECT_EQ(got_from([](std::size_t) { return std::string(); }).kind, Kind::kFailed) << "a reset";
}

TEST(Download, refuses_every_other_answer_and_says_when_to_come_again) {
    for (const int status : {201, 204, 206, 400, 404, 500}) {
        const Downloaded got = got_from([&](std::size_t) { return response(status, "", ""); });
        EXPECT_EQ(got.kind, Kind::kRefused) << status;
        EXPECT_EQ(got.status, status);
    }
    const Downloaded busy =
        got_from([](std::size_t) { return response(503, "Retry-After: 1000000\r\n", "x"); });
    EXPECT_EQ(busy.retry_after, kDownloadRetryAfterMax);
    EXPECT_EQ(busy.problem, "the server answers 503");
}

TEST(Download, follows_a_redirect_to_a_web_server_and_to_nothing_else) {
    const Downloaded moved = got_from([](std::size_t count) {
        return count == 0 ? response(302, "Location: /there\r\nETag: \"old\"\r\n", "gone")
                          : response(200, "", "here");
    });
    EXPECT_EQ(moved.kind, Kind::kNew) << moved.problem;
    EXPECT_EQ(moved.body, "here");
    EXPECT_EQ(moved.etag, "") << "that was of another place";
    for (const char* place : {"file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/"}) {
        const Downloaded got = got_from([&](std::size_t) {
            return response(302, fmt::format("Location: {}\r\n", place));
        });
        EXPECT_EQ(got.kind, Kind::kFailed) << place;
        EXPECT_EQ(got.body, "");
    }
    const Downloaded round =
        got_from([](std::size_t) { return response(302, "Location: /again\r\n"); });
    EXPECT_EQ(round.kind, Kind::kFailed);
}

TEST(Download, says_nothing_back_that_is_no_header) {
    const Downloaded got = got_from([](std::size_t) {
        return response(
            200, fmt::format("ETag: \xff\xfe\r\nLast-Modified: {}\r\n", std::string(300, 'x')), "a"
        );
    });
    EXPECT_EQ(got.kind, Kind::kNew);
    EXPECT_EQ(got.etag, "");
    EXPECT_EQ(got.last_modified, "");
}

TEST(Download, of_what_is_no_web_server_fails) {
    DownloadRequest request;
    request.size_max = 1'000;
    for (const char* url : {"file:///etc/passwd", "", "http://127.0.0.1:1/", "nonsense://x"}) {
        request.url = url;
        const Downloaded got = download(request, kGoesOn);
        EXPECT_EQ(got.kind, Kind::kFailed) << url;
        EXPECT_NE(got.problem, "") << url;
        EXPECT_EQ(got.body, "");
    }
}

TEST(Download, ends_when_it_is_told_to) {
    const std::atomic<bool> stop{true};
    const OneByOneServer server([](std::size_t) { return response(200, "", "a"); });
    EXPECT_EQ(download(request_for(server), stop).kind, Kind::kStopped);
}

}  // namespace
}  // namespace phantom::courier
