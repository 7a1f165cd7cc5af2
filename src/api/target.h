#pragma once

// What a request line asks for: a path in segments and the parameters of a query, decoded (RFC 3986 section 2.1).
// Pure. A segment that is empty, "." or ".." is refused: no route has one, and what it means is disputed.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "api/errors.h"

namespace phantom::api {

inline constexpr std::size_t kTargetSizeMax = 4'096;
inline constexpr std::size_t kSegmentsMax = 12;
inline constexpr std::size_t kParametersMax = 32;

struct Target {
    std::vector<std::string> segments;  // "/" has none
    std::map<std::string, std::string, std::less<>> query;
};

// kTargetMalformed (a parameter named twice, too), kTargetTooLong, kTooManyParameters.
[[nodiscard]] Result<Target> parse_target(std::string_view text);

// kTargetMalformed. `plus_is_space`: in a query, as forms write it.
[[nodiscard]] Result<std::string> decode_percent(std::string_view text, bool plus_is_space);
// Whatever is not a letter, a digit or one of -._~ as %XX.
[[nodiscard]] std::string encode_percent(std::string_view text);

// "a=b&c=d", as a query and a form's body have it.
[[nodiscard]] Result<std::map<std::string, std::string, std::less<>>> parse_form(
    std::string_view text
);

}  // namespace phantom::api
