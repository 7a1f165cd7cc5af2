#pragma once

// base64url without padding (RFC 4648 section 5).

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace phantom {

[[nodiscard]] std::string to_base64url(ByteView bytes);
// None where it is not what to_base64url() writes: one text for each value.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> from_base64url(std::string_view text);

}  // namespace phantom
