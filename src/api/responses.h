#pragma once

// Small things that application.cpp and application_answers.cpp share.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json.hpp>

#include "api/message.h"
#include "api/problem.h"

namespace phantom::api {

using Fields = std::vector<std::pair<std::string_view, std::string>>;

[[nodiscard]] Response refusal(
    std::string_view code, std::string detail = {}, std::vector<Fault> faults = {}
);
// The response with more header fields.
[[nodiscard]] Response with(Response response, const Fields& headers);
// For a browser that comes back from elsewhere: SameSite=Lax, which lets it be sent then.
[[nodiscard]] std::string flow_cookie_field(const std::string& name, const std::string& value);
// Of the field traceparent; empty: there is none that is good.
[[nodiscard]] std::string trace_id_of(const Request& request);
// A text as it is, other values as JSON has them.
[[nodiscard]] std::string plain_text(const boost::json::value& value);

}  // namespace phantom::api
