#pragma once

// RFC 3986 section 2.1: "%41" as "A"; what is no such escape stays.

#include <string>
#include <string_view>

namespace phantom::detect {

// `plus_is_blank` for forms (application/x-www-form-urlencoded).
[[nodiscard]] std::string url_decoded(std::string_view text, bool plus_is_blank);

}  // namespace phantom::detect
