#pragma once

// The forms of texts that the schemas give as patterns.

#include <optional>
#include <string>
#include <string_view>

namespace phantom::playbook {

// "action--eb9372d4-d524-49fc-bf24-be26ea084779": a type, and a UUID of RFC 4122.
[[nodiscard]] bool is_identifier(std::string_view text);
// What stands before the "--".
[[nodiscard]] std::string_view type_of(std::string_view identifier);
[[nodiscard]] bool is_timestamp(std::string_view text);
// "__name__", up to 200 characters between.
[[nodiscard]] bool is_variable_name(std::string_view text);
// RFC 4648, section 4, with padding.
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text);

}  // namespace phantom::playbook
