#pragma once

// The general AEADs with any nonce and additional data, through OpenSSL: what noise.h's fixed-form
// calls stand on. For handshakes and cookies, not for transport packets (see packet_aead.h).

#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/errors.h"
#include "crypto/secret.h"

namespace phantom::crypto {

// RFC 8439 section 2.8. `out` is plaintext.size() + 16: in place or disjoint.
void chacha20_poly1305_seal(
    const Key& key, std::span<const std::uint8_t, 12> nonce, ByteView plaintext, ByteView aad,
    MutableBytes out
);
// `out` is ciphertext.size() - 16. kNotAuthentic leaves `out` zeroed; a ciphertext shorter than a
// tag is not authentic.
[[nodiscard]] Status chacha20_poly1305_open(
    const Key& key, std::span<const std::uint8_t, 12> nonce, ByteView ciphertext, ByteView aad,
    MutableBytes out
);

// draft-irtf-cfrg-xchacha section 2.2: the key for the 96-bit AEAD, from the first 16 nonce bytes.
[[nodiscard]] Key hchacha20(const Key& key, std::span<const std::uint8_t, 16> nonce);

}  // namespace phantom::crypto
