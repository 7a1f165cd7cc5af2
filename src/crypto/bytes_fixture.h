#pragma once

// What tests and fuzzers call a few bytes of their own.

#include <cstdint>
#include <vector>

namespace phantom::crypto {

using Bytes = std::vector<std::uint8_t>;

}  // namespace phantom::crypto
