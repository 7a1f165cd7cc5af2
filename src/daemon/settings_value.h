#pragma once

// Values of a file that its owner writes, taken out of their text with the place of what is wrong. These throw
// policy::Problem, which does not leave who reads the file (handling_settings.cpp).

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "policy/hujson.h"

namespace phantom::daemon {

[[noreturn]] void refuse_setting(policy::Position at, std::string why);

// Not empty.
[[nodiscard]] std::string text_setting(const policy::Value& value);
[[nodiscard]] bool bool_setting(const policy::Value& value);
[[nodiscard]] double number_setting(const policy::Value& value, double least, double most);
[[nodiscard]] std::size_t count_setting(
    const policy::Value& value, std::size_t least, std::size_t most
);
// "90s", "30m", "2h", "1d".
[[nodiscard]] Duration duration_setting(const policy::Value& value, Duration least, Duration most);
[[nodiscard]] const std::vector<policy::Value>& list_setting(
    const policy::Value& value, std::size_t most
);
// Its members, each with its key.
[[nodiscard]] const std::vector<policy::Value>& object_setting(const policy::Value& value);
[[noreturn]] void refuse_key(const policy::Value& member);

}  // namespace phantom::daemon
