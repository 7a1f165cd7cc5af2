#pragma once

// The page behind the link of a message: what will be acknowledged, and a button. Programs that look at mails follow
// links, so that the link itself changes nothing. Pure.

#include <string>
#include <string_view>

#include <boost/json.hpp>

#include "api/message.h"

namespace phantom::api {

// The form's action, and the link's path.
inline constexpr const char* kAckPath = "/ack";

// `answer`: of the node, what the link is about, what was done, or an error.
[[nodiscard]] Response ack_page(
    const boost::json::object& answer, std::string_view token, bool is_done
);

// "<" as "&lt;" and so on: nothing in it is taken for more than text.
[[nodiscard]] std::string escape_html(std::string_view text);

}  // namespace phantom::api
