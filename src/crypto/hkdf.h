#pragma once

// HKDF (RFC 5869) with SHA-256. Noise's own KDF, over BLAKE2s, is kdf() in noise.h.

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/errors.h"

namespace phantom::crypto {

// RFC 5869 section 2.3: at most 255 blocks of output.
inline constexpr std::size_t kHkdfSha256SizeMax = std::size_t{255} * 32;

// Extract and expand into all of `out`. `salt` and `info` may be empty. kOutputTooLong above
// kHkdfSha256SizeMax.
[[nodiscard]] Status hkdf_sha256(ByteView ikm, ByteView salt, ByteView info, MutableBytes out);

}  // namespace phantom::crypto
