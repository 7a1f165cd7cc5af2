#pragma once

// SHA-256 (FIPS 180-4), for transcripts beside HKDF-SHA-256. WireGuard's own hash is in noise.h.

#include <initializer_list>

#include "base/bytes.h"
#include "crypto/noise.h"

namespace phantom::crypto {

// Of the parts one after another: where they are cut is not hashed, so give parts of fixed size.
[[nodiscard]] Hash sha256(std::initializer_list<ByteView> parts);

}  // namespace phantom::crypto
