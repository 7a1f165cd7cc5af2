#pragma once

// What expressions speak of: nothing, truth, numbers, texts, lists and maps. Times are nanoseconds since
// 1970, durations nanoseconds.

#include <optional>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

namespace phantom::scenario {

using Value = boost::json::value;

[[nodiscard]] std::string_view text_of(const Value& value);  // "" for what is no text
[[nodiscard]] bool are_equal(const Value& left, const Value& right);
// As a static writes it: texts, numbers, and nothing else.
[[nodiscard]] std::optional<std::string> written(const Value& value);
// As %v writes it.
[[nodiscard]] std::string formatted(const Value& value);

}  // namespace phantom::scenario
