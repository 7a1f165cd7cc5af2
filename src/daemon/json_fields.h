#pragma once

// Fields of requests, which may hold anything, and of answers.

#include <cstdint>
#include <optional>
#include <string>

#include <boost/json.hpp>

#include "identity/types.h"

namespace phantom::daemon {

// Empty where there is none, or no text.
[[nodiscard]] std::string string_at(const boost::json::object& request, const char* key);
[[nodiscard]] std::int64_t number_at(
    const boost::json::object& request, const char* key, std::int64_t otherwise
);
[[nodiscard]] boost::json::value or_null(const std::optional<std::string>& text);

// RFC 3339, UTC.
[[nodiscard]] std::string time_text(identity::UnixTime time);

}  // namespace phantom::daemon
