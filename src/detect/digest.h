#pragma once

// Hashes that fingerprints and rules are written in. MD5 and SHA-1 name things here, they protect
// nothing.

#include <string>
#include <vector>

#include "base/bytes.h"

namespace phantom::detect {

enum class Digest : std::uint8_t { kMd5, kSha1, kSha256 };

[[nodiscard]] std::vector<std::uint8_t> digest(Digest kind, ByteView bytes);
[[nodiscard]] std::string hex_digest(Digest kind, ByteView bytes);

}  // namespace phantom::detect
