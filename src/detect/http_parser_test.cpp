#include "detect/http_parser.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <zlib.h>

#include "detect/byte_reader.h"
#include "detect/detect_fixture.h"
#include "detect/http_uri.h"

namespace phantom::detect {
namespace {

constexpr Direction kUp = Direction::kToServer;
constexpr Direction kDown = Direction::kToClient;

struct Exchange {
    HttpParser parser;

    Exchange(std::string_view request, std::string_view response, std::size_t part = 1 << 20) {
        feed(kUp, request, part);
        feed(kDown, response, part);
        parser.end(kUp);
        parser.end(kDown);
    }
    void feed(Direction direction, std::string_view text, std::size_t part) {
        while (!text.empty()) {
            const Bytes bytes = bytes_of(text.substr(0, part));
            parser.add(direction, bytes);
            text.remove_prefix(bytes.size());
        }
    }
    [[nodiscard]] const Transaction& first() { return *parser.transactions().all().at(0); }
    [[nodiscard]] std::string body(Direction direction) {
        const auto& bytes = first().of(direction).body;
        return {bytes.begin(), bytes.end()};
    }
};

constexpr const char* kGet =
    "GET /a%20b/../c?d=%41 HTTP/1.1\r\nHost: Www.Example.org:8080\r\n"
    "User-Agent: x\r\nCookie: k=v\r\nX: 1\r\nx: 2\r\n\r\n";

TEST(HttpParser, fills_the_buffers_of_a_request) {
    Exchange exchange(kGet, "");
    const Transaction& first = exchange.first();
    EXPECT_EQ(first.text(BufferId::kHttpMethod), "GET");
    EXPECT_EQ(first.text(BufferId::kHttpUri), "/c?d=%41");
    EXPECT_EQ(first.text(BufferId::kHttpUriRaw), "/a%20b/../c?d=%41");
    EXPECT_EQ(first.text(BufferId::kHttpHost), "www.example.org");
    EXPECT_EQ(first.text(BufferId::kHttpHostRaw), "Www.Example.org:8080");
    EXPECT_EQ(first.text(BufferId::kHttpCookie), "k=v");
    EXPECT_EQ(
        first.text(BufferId::kHttpHeader),
        "Host: Www.Example.org:8080\r\nUser-Agent: x\r\nX: 1, 2\r\n"
    );
    EXPECT_EQ(
        first.text(BufferId::kHttpHeaderNames), "\r\nHost\r\nUser-Agent\r\nCookie\r\nX\r\n\r\n"
    );
    EXPECT_EQ(first.text(BufferId::kHttpRequestLine), "GET /a%20b/../c?d=%41 HTTP/1.1");
}

constexpr const char* kChunkedResponse =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;x=y\r\nabcd\r\n2\r\nef\r\n0\r\nT: "
    "1\r\n\r\n";

TEST(HttpParser, does_not_care_how_the_bytes_are_cut) {
    rc::check([] {
        const auto part = *rc::gen::inRange<std::size_t>(1, 40);
        Exchange exchange(kGet, kChunkedResponse, part);
        RC_ASSERT(exchange.body(kDown) == "abcdef");
        RC_ASSERT(exchange.first().text(BufferId::kHttpStatCode) == "200");
        RC_ASSERT(exchange.first().is_complete());
        RC_ASSERT(exchange.parser.transactions().all().size() == 1U);
    });
}

TEST(HttpParser, pairs_pipelined_requests_with_responses) {
    Exchange exchange(
        "GET /1 HTTP/1.1\r\n\r\nPOST /2 HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET /3 "
        "HTTP/1.1\r\n\r\n",
        "HTTP/1.1 204 No\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: "
        "2\r\n\r\nxyHTTP/1.1 404 No\r\n"
    );
    auto& all = exchange.parser.transactions().all();
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(all[0]->text(BufferId::kHttpStatCode), "204");
    EXPECT_EQ(all[1]->text(BufferId::kHttpStatCode), "200");
    EXPECT_EQ(as_text(all[1]->of(kUp).body), "abc");
    EXPECT_EQ(as_text(all[1]->of(kDown).body), "xy");
    EXPECT_EQ(all[2]->text(BufferId::kHttpStatCode), "404");
}

std::string gzipped(const std::string& text) {
    std::string out(256, '\0');
    z_stream stream{};
    EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    Bytes in = bytes_of(text);
    stream.next_in = in.data();
    stream.avail_in = static_cast<unsigned>(in.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<unsigned>(out.size());
    EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

TEST(HttpParser, undoes_compressions_one_in_the_other) {
    const std::string body = gzipped(gzipped("malicious"));
    Exchange exchange(kGet, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip, gzip\r\n\r\n" + body, 7);
    EXPECT_EQ(exchange.body(kDown), "malicious");
}

TEST(HttpParser, takes_a_coding_that_is_not_there_for_none) {
    Exchange gzip(kGet, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nplain text, no gzip");
    EXPECT_EQ(gzip.body(kDown), "plain text, no gzip");
    Exchange chunked(kGet, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno size");
    EXPECT_EQ(chunked.body(kDown), "no size");
}

TEST(HttpParser, reads_heads_that_end_oddly) {
    for (const char* end : {"\n\n", "\r\n\r\n", "\n \n", "\n\r\r\n"}) {
        Exchange exchange(
            kGet, "HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 4" + std::string(end) + "body", 3
        );
        EXPECT_EQ(exchange.body(kDown), "body") << end;
    }
}

TEST(HttpParser, takes_a_response_without_a_head_as_content) {
    Exchange exchange(kGet, "just this");
    EXPECT_EQ(exchange.body(kDown), "just this");
}

TEST(HttpParser, keeps_no_more_of_a_body_than_it_may) {
    Exchange exchange(kGet, "HTTP/1.1 200 OK\r\n\r\n" + std::string(300'000, 'x'));
    EXPECT_EQ(exchange.body(kDown).size(), kBodySizeMax);
}

TEST(HttpParser, notes_two_lengths) {
    Exchange exchange("POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 5\r\n\r\na", "");
    EXPECT_TRUE(exchange.first().of(kUp).events.test(
        static_cast<std::size_t>(Event::kHttpDuplicateContentLengthRequest)
    ));
}

TEST(HttpUri, is_normalised_as_servers_do) {
    EXPECT_EQ(normalised_uri("/a/./b/../c//d"), "/a/c/d");
    EXPECT_EQ(normalised_uri("/%61%2e%zz"), "/a.%zz");
    EXPECT_EQ(normalised_uri("http://h/x?y=../z"), "/x?y=../z");
    EXPECT_EQ(normalised_uri("http://h"), "/");
    EXPECT_EQ(normalised_uri("/..\\..\\etc"), "/etc");
    EXPECT_EQ(normalised_uri("*"), "*");
    EXPECT_EQ(normalised_uri(""), "");
}

}  // namespace
}  // namespace phantom::detect
