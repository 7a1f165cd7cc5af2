#pragma once

// Hashes that fingerprints and rules are written in. MD5 and SHA-1 name things here, they protect
// nothing.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace phantom::detect {

enum class Digest : std::uint8_t { kMd5, kSha1, kSha256 };

[[nodiscard]] std::vector<std::uint8_t> digest(Digest kind, ByteView bytes);
[[nodiscard]] std::string hex_digest(Digest kind, ByteView bytes);

// Names and lines of rules, as numbers that mean the same in every rule set: 64 bits of SHA-256. Of 10,000
// texts two have one number once in 10^11 times.
[[nodiscard]] std::uint64_t number_of(std::string_view text);

}  // namespace phantom::detect
