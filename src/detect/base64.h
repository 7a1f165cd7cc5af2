#pragma once

// RFC 4648 section 4, as hostile senders write it: what is not of the alphabet is passed over.

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace phantom::detect {

// Ends at the first "=". Four characters at a time; what is left of them gives what it can.
[[nodiscard]] std::vector<std::uint8_t> decode_base64(ByteView text);
[[nodiscard]] std::string encode_base64(ByteView bytes);

}  // namespace phantom::detect
