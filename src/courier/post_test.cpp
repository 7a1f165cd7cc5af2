#include "courier/post.h"

#include <gtest/gtest.h>

#include "courier/server_fixture.h"

namespace phantom::courier {
namespace {

std::string post_answer(std::string_view status) {
    return fmt::format("HTTP/1.1 {}\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}", status);
}

const std::atomic<bool> kPostGoesOn{false};

PostRequest post_to(const std::string& url) {
    return {.url = url, .content_type = "application/json", .body = "{\"spans\":[]}END"};
}

TEST(Post, says_what_came_of_it) {
    const std::vector<std::string> statuses{"200 OK",        "202 Accepted",  "400 Bad Request",
                                            "404 Not Found", "429 Slow Down", "503 Unavailable",
                                            "302 Found"};
    OneByOneServer server([&](std::size_t count) { return post_answer(statuses.at(count)); });
    const std::vector<Posted::Kind> wanted{Posted::Kind::kTaken,   Posted::Kind::kTaken,
                                           Posted::Kind::kRefused, Posted::Kind::kRefused,
                                           Posted::Kind::kLater,   Posted::Kind::kLater,
                                           Posted::Kind::kRefused};
    for (std::size_t at = 0; at < statuses.size(); ++at) {
        const Posted posted = post(post_to(server.url()), kPostGoesOn);
        EXPECT_EQ(posted.kind, wanted[at]) << statuses[at];
        EXPECT_EQ(posted.status, std::stoi(statuses[at]));
        EXPECT_EQ(posted.problem.empty(), posted.kind == Posted::Kind::kTaken);
    }
    const std::string sent = server.requests().front();
    EXPECT_TRUE(sent.starts_with("POST / HTTP/1.1\r\n")) << sent;
    EXPECT_NE(sent.find("Content-Type: application/json\r\n"), std::string::npos) << sent;
    EXPECT_TRUE(sent.ends_with("\r\n\r\n{\"spans\":[]}END")) << sent;
}

TEST(Post, nobody_there_is_later) {
    std::string url;
    {
        url = OneByOneServer([](std::size_t) { return std::string(); }).url();
    }
    const Posted posted = post(post_to(url), kPostGoesOn);
    EXPECT_EQ(posted.kind, Posted::Kind::kLater);
    EXPECT_NE(posted.problem, "");
}

TEST(Post, who_is_told_to_stop_does) {
    const std::atomic<bool> stop{true};
    OneByOneServer server([](std::size_t) { return post_answer("200 OK"); });
    EXPECT_EQ(post(post_to(server.url()), stop).kind, Posted::Kind::kStopped);
}

TEST(Post, no_other_protocol_is_spoken) {
    EXPECT_EQ(post(post_to("file:///etc/passwd"), kPostGoesOn).kind, Posted::Kind::kLater);
}

}  // namespace
}  // namespace phantom::courier
