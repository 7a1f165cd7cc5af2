#pragma once

// The system's time zones (tzdata): a name to the bytes of its file.

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace phantom::io {

inline constexpr const char* kZoneFolder = "/usr/share/zoneinfo";
inline constexpr std::size_t kZoneFileMax = 65'536;

// Letters, digits, '_', '+', '-', and '/' between them: a name leads nowhere else. False: it is none.
[[nodiscard]] bool is_zone_name(const std::string& name);
// Empty where there is no such zone, or it is longer than kZoneFileMax.
[[nodiscard]] std::vector<std::uint8_t> read_zone_file(const std::string& name);

}  // namespace phantom::io
