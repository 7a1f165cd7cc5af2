#pragma once

// What the JSON channels share. Inside this component only.

#include "alert/message.h"

// Boost.JSON 1.81 under -fsanitize=address: GCC 12 sees an empty array copied, which never is.
#pragma GCC diagnostic ignored "-Warray-bounds"
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wstringop-overflow"
#endif
#include <boost/json.hpp>

namespace phantom::alert {

[[nodiscard]] courier::HttpRequest json_request(
    std::string url, const HttpOptions& http, const Keys& keys, const boost::json::object& body
);
// What a receiver's http_config asks for.
void add_http_options(courier::HttpRequest& request, const HttpOptions& http);

[[nodiscard]] boost::json::object json_of(const Labels& labels);

}  // namespace phantom::alert
