#pragma once

// Base32 (RFC 4648 section 6), lower case, without padding. Both directions hold secrets.

#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/secret_bytes.h"
#include "identity/errors.h"

namespace phantom::identity {

[[nodiscard]] constexpr std::size_t base32_text_size(std::size_t bytes) {
    return (bytes * 8 + 4) / 5;
}

// `out` has base32_text_size(bytes.size()) characters.
void base32_encode(ByteView bytes, MutableBytes out);
// The one text that base32_encode gives, or kMalformed: no other length, no upper case, and unused
// bits are zero.
[[nodiscard]] Result<crypto::SecretBytes> base32_decode(std::string_view text);

}  // namespace phantom::identity
