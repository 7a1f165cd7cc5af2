#pragma once

// Keys as wg(8) writes them: base64 of 32 bytes, 44 characters. Source: RFC 4648 section 4.

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace phantom::wireguard {

inline constexpr std::size_t kKeyTextSize = 44;

// None for anything but the one form of a key.
[[nodiscard]] std::optional<std::array<std::uint8_t, 32>> parse_key_text(std::string_view text);
[[nodiscard]] std::string key_text(std::span<const std::uint8_t, 32> key);

}  // namespace phantom::wireguard
