#pragma once

// Fields of answers.

#include <cstdint>
#include <optional>
#include <string>

#include <boost/json.hpp>

#include "identity/types.h"

namespace phantom::daemon {

[[nodiscard]] boost::json::value or_null(const std::optional<std::string>& text);

// RFC 3339, UTC.
[[nodiscard]] std::string time_text(identity::UnixTime time);

}  // namespace phantom::daemon
