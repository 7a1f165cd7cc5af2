#include "api/route.h"

#include <gtest/gtest.h>

#include "api/message.h"

namespace phantom::api {
namespace {

TEST(RouteTable, refuses_what_cannot_be_served) {
    const auto made = [](const Route& route) {
        return RouteTable::make({route, route}, *Shapes::parse("A {\n}\n"));
    };
    const Route good{.path = "/a", .operation = "a", .topic = "a", .answer = "A"};
    EXPECT_NE(made(good).error().find("twice"), std::string::npos);
    Route wrong = good;
    wrong.answer = "B";
    EXPECT_NE(made(wrong).error().find("'B'"), std::string::npos);
    wrong = good;
    wrong.topic = "";
    EXPECT_NE(made(wrong).error().find("whoever"), std::string::npos);
}

TEST(Message, a_head_is_written_as_the_standard_has_it) {
    Response response;
    response.body = std::make_shared<const std::string>("{}");
    response.headers.emplace_back("ETag", "\"1\"");
    EXPECT_EQ(
        write_head(response, http_date(784'111'777), true),
        "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nX-Content-Type-Options: "
        "nosniff\r\n"
        "Referrer-Policy: no-referrer\r\nETag: \"1\"\r\nContent-Type: application/json\r\n"
        "Content-Length: 2\r\nConnection: keep-alive\r\n\r\n"
    );
    response.status = 304;
    response.body = nullptr;
    EXPECT_EQ(write_head(response, "", true).find("Content-Length"), std::string::npos);
    response.status = 404;
    EXPECT_NE(write_head(response, "", false).find("Content-Length: 0"), std::string::npos);
    EXPECT_EQ(time_text(784'111'777), "1994-11-06T08:49:37Z");
}

}  // namespace
}  // namespace phantom::api
