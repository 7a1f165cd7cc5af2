#include "daemon/node_client.h"

#include <gtest/gtest.h>

namespace phantom::daemon {
namespace {

TEST(NodeAnswers, are_read_to_the_end_of_the_connection) {
    const auto answer = read_node_answer("HTTP/1.1 404 Not Found\r\nA: b\r\n\r\n{\"x\":1}");
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->status, 404U);
    EXPECT_EQ(answer->body, "{\"x\":1}");
    for (const char* text :
         {"", "HTTP/1.1 200 OK\r\n", "HTTP/1.0 200 OK\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n",
          "HTTP/1.1 20", "HTTP/1.1 099 No\r\n\r\n", "200 OK\r\n\r\n"}) {
        EXPECT_FALSE(read_node_answer(text).has_value()) << text;
    }
}

TEST(NodeClient, is_bounded_and_ends_while_it_waits) {
    NodeClient client;
    NodeQuestion question;
    // Nobody is there, and nobody says so.
    question.place = *wire::SocketAddress::parse("192.0.2.1:1");
    question.interface = "lo";
    question.path = "/api/v1/version";
    std::optional<std::uint64_t> number;
    std::size_t taken = 0;
    while (taken < 2 * kNodeQuestionsMax) {
        const auto next = client.begin(question);
        if (!next) {
            break;
        }
        number = next;
        ++taken;
    }
    EXPECT_LE(taken, kNodeQuestionsMax + 1);
    ASSERT_TRUE(number.has_value());
    EXPECT_TRUE(client.take(*number).has_value());
    EXPECT_FALSE(client.take(*number + 1).has_value());
}

}  // namespace
}  // namespace phantom::daemon
