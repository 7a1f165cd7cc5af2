#include "api/beast_request.h"

#include <gtest/gtest.h>

#include "api/application.h"

namespace phantom::api {
namespace {

std::expected<Request, Problem> read(const std::string& bytes) {
    return parse_request(bytes, {.address = "192.0.2.7", .is_owner = false});
}

TEST(BeastRequest, takes_what_means_something) {
    const auto request = read(
        "POST /api/v1/alerts?x=1 HTTP/1.1\r\nHost: a\r\nauthorization: Bearer pm_1\r\n"
        "Content-Type: application/json\r\nIdempotency-Key: k\r\nIf-Match: \"1\"\r\n"
        "If-None-Match: \"2\"\r\nLast-Event-ID: e-1\r\nContent-Length: 2\r\n\r\n{}"
    );
    ASSERT_TRUE(request.has_value()) << request.error().detail;
    EXPECT_EQ(request->method, Method::kPost);
    EXPECT_EQ(request->target, "/api/v1/alerts?x=1");
    EXPECT_EQ(request->authorization, "Bearer pm_1");
    EXPECT_EQ(request->content_type, "application/json");
    EXPECT_EQ(request->idempotency_key, "k");
    EXPECT_EQ(request->if_match, "\"1\"");
    EXPECT_EQ(request->if_none_match, "\"2\"");
    EXPECT_EQ(request->last_event_id, "e-1");
    EXPECT_EQ(request->body, "{}");
    EXPECT_EQ(request->caller.address, "192.0.2.7");
}

TEST(BeastRequest, chunks_are_put_together) {
    const auto request = read(
        "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
        "chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n"
    );
    ASSERT_TRUE(request.has_value());
    EXPECT_EQ(request->body, "{}");
}

TEST(BeastRequest, a_method_that_means_nothing_here_is_known_as_such) {
    EXPECT_EQ(read("PATCH / HTTP/1.1\r\nHost: a\r\n\r\n")->method, Method::kOther);
    EXPECT_EQ(read("BREW / HTTP/1.1\r\nHost: a\r\n\r\n")->method, Method::kOther);
}

TEST(BeastRequest, what_two_readers_would_read_differently_is_refused) {
    for (const char* bytes :
         {"GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: a\r\nAuthorization: x\r\nAuthorization: y\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
          "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: "
          "chunked\r\n\r\n0\r\n\r\n",
          "GET / HTTP/2.0\r\nHost: a\r\n\r\n", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
          "GET / HTTP/1.1\r\nHo st: a\r\n\r\n", "\x16\x03\x01\x02",
          "GET / HTTP/1.1\r\n Host: a\r\n\r\n"}) {
        const auto request = read(bytes);
        ASSERT_FALSE(request.has_value()) << bytes;
        EXPECT_TRUE(request.error().code == "bad-request" || request.error().code == "timeout")
            << request.error().code;
    }
}

TEST(BeastRequest, holds_its_bounds) {
    const std::string begin = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
    EXPECT_TRUE(read(begin + std::string(kHeaderSizeMax / 2, 'x') + "\r\n\r\n").has_value());
    const auto large = read(begin + std::string(kHeaderSizeMax, 'x') + "\r\n\r\n");
    ASSERT_FALSE(large.has_value());
    EXPECT_EQ(large.error().code, "header-too-large");
    const auto body = read(
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(kBodySizeMax + 1) +
        "\r\n\r\nx"
    );
    ASSERT_FALSE(body.has_value());
    EXPECT_EQ(body.error().code, "too-large");
    std::string chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (int index = 0; index < 20; ++index) {
        chunked += "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
    }
    const auto chunks = read(chunked);
    ASSERT_FALSE(chunks.has_value());
    EXPECT_EQ(chunks.error().code, "too-large");
}

}  // namespace
}  // namespace phantom::api
