#pragma once

// From bytes to a Request: Beast's parser, its bounds, and what of a header means something here. Only who includes this
// or session.h compiles Beast.

#include <expected>
#include <string_view>

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "api/message.h"
#include "api/problem.h"

namespace phantom::api {

inline constexpr std::uint32_t kHeaderSizeMax = 16U << 10U;

using RequestParser =
    boost::beast::http::request_parser<boost::beast::http::string_body, std::allocator<char>>;

// Before the first byte.
void set_bounds(RequestParser& parser);
[[nodiscard]] Problem problem_of(const boost::system::error_code& error);
// Once the header is there: what is wrong with it whatever it asks for.
[[nodiscard]] std::optional<Problem> problem_of(const RequestParser& parser);
// Once all of it is there. Takes the body out of the parser.
[[nodiscard]] Request request_of(RequestParser& parser, const Caller& caller);

// The same of bytes that are all there: for tests.
[[nodiscard]] std::expected<Request, Problem> parse_request(
    std::string_view bytes, const Caller& caller
);

}  // namespace phantom::api
