#include "api/beast_request.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <fmt/format.h>

#include "api/application.h"

namespace phantom::api {

namespace {

namespace http = boost::beast::http;

Method method_of(http::verb verb) {
    switch (verb) {
        case http::verb::get:
            return Method::kGet;
        case http::verb::head:
            return Method::kHead;
        case http::verb::post:
            return Method::kPost;
        case http::verb::put:
            return Method::kPut;
        case http::verb::delete_:
            return Method::kDelete;
        default:
            return Method::kOther;
    }
}

std::string field_of(const http::fields& fields, http::field name) {
    const auto found = fields.find(name);
    return found == fields.end() ? std::string() : std::string(found->value());
}

std::string field_of(const http::fields& fields, std::string_view name) {
    const auto found = fields.find({name.data(), name.size()});
    return found == fields.end() ? std::string() : std::string(found->value());
}

Problem problem(std::string_view code, std::string detail) {
    return {.code = code, .detail = std::move(detail), .faults = {}, .line = 0, .column = 0};
}

}  // namespace

void set_bounds(RequestParser& parser) {
    parser.header_limit(kHeaderSizeMax);
    parser.body_limit(kBodySizeMax);
}

Problem problem_of(const boost::system::error_code& error) {
    if (error == http::error::body_limit) {
        return problem("too-large", fmt::format("A body has at most {} bytes.", kBodySizeMax));
    }
    if (error == http::error::header_limit || error == http::error::buffer_overflow) {
        return problem(
            "header-too-large", fmt::format("A header has at most {} bytes.", kHeaderSizeMax)
        );
    }
    return problem("bad-request", error.message());
}

std::optional<Problem> problem_of(const RequestParser& parser) {
    const auto& header = parser.get();
    if (header.version() != 10 && header.version() != 11) {
        return problem("bad-request", "HTTP/1.1 is spoken here.");
    }
    // RFC 9112 section 3.2.
    const auto hosts = header.count(http::field::host);
    if (hosts > 1 || (hosts == 0 && header.version() == 11)) {
        return problem("bad-request", "A request has one field Host.");
    }
    // Two readers would believe two different ones.
    if (header.count(http::field::authorization) > 1) {
        return problem("bad-request", "A request has one field Authorization at most.");
    }
    return std::nullopt;
}

Request request_of(RequestParser& parser, const Caller& caller) {
    auto& message = parser.get();
    Request request;
    request.method = method_of(message.method());
    request.target = std::string(message.target());
    request.authorization = field_of(message, http::field::authorization);
    request.content_type = field_of(message, http::field::content_type);
    request.accept = field_of(message, http::field::accept);
    request.accept_encoding = field_of(message, http::field::accept_encoding);
    request.if_match = field_of(message, http::field::if_match);
    request.if_none_match = field_of(message, http::field::if_none_match);
    request.idempotency_key = field_of(message, "Idempotency-Key");
    request.last_event_id = field_of(message, "Last-Event-ID");
    request.host = field_of(message, http::field::host);
    request.cookie = field_of(message, http::field::cookie);
    request.csrf = field_of(message, "X-CSRF-Token");
    request.origin = field_of(message, http::field::origin);
    request.sec_fetch_site = field_of(message, "Sec-Fetch-Site");
    request.traceparent = field_of(message, "traceparent");
    request.body = std::move(message.body());
    request.caller = caller;
    return request;
}

std::expected<Request, Problem> parse_request(std::string_view bytes, const Caller& caller) {
    RequestParser parser;
    set_bounds(parser);
    parser.eager(true);
    boost::system::error_code error;
    std::size_t taken = 0;
    while (!parser.is_done() && taken < bytes.size()) {
        const std::size_t used =
            parser.put(boost::asio::buffer(bytes.data() + taken, bytes.size() - taken), error);
        if (error == http::error::need_more || (!error && used == 0)) {
            break;
        }
        if (error) {
            return std::unexpected(problem_of(error));
        }
        taken += used;
    }
    if (!parser.is_done()) {
        return std::unexpected(problem("timeout", "It ends before it is whole."));
    }
    if (auto wrong = problem_of(parser)) {
        return std::unexpected(std::move(*wrong));
    }
    return request_of(parser, caller);
}

}  // namespace phantom::api
