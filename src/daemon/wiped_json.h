#pragma once

// JSON that may hold secrets: what it was parsed into, and what it is written from and to, is wiped
// when it goes.

#include <string_view>

#include <boost/json.hpp>

#include "wireguard/uapi.h"

namespace phantom::daemon {

// For values with secrets in them; each such storage belongs to one thread.
[[nodiscard]] boost::json::storage_ptr wiped_storage();

// In such a storage. Null where it is no JSON.
[[nodiscard]] boost::json::value parse_wiped(std::string_view text);

// On one line, with a line's end.
[[nodiscard]] wireguard::SecretText line_of(const boost::json::object& value);

}  // namespace phantom::daemon
