#pragma once

// HMAC (RFC 2104) with SHA-256, for messages that others check: webhooks. Handshakes use noise.h.

#include "base/bytes.h"
#include "crypto/noise.h"

namespace phantom::crypto {

[[nodiscard]] Hash hmac_sha256(ByteView key, ByteView message);

}  // namespace phantom::crypto
