#include "identity/base32.h"

#include "base/assert.h"

namespace phantom::identity {

namespace {

constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz234567";

}  // namespace

void base32_encode(ByteView bytes, MutableBytes out) {
    PM_ASSERT(out.size() == base32_text_size(bytes.size()));
    for (std::size_t index = 0; index < out.size(); ++index) {
        // A character is 5 bits of at most two bytes.
        const std::size_t bit = index * 5;
        const unsigned high = bytes[bit / 8];
        const unsigned low = bit / 8 + 1 < bytes.size() ? bytes[bit / 8 + 1] : 0;
        const unsigned value = ((high << 8U | low) >> (11 - bit % 8)) & 31U;
        out[index] = static_cast<std::uint8_t>(kAlphabet[value]);
    }
}

Result<crypto::SecretBytes> base32_decode(std::string_view text) {
    const std::size_t size = text.size() * 5 / 8;
    if (base32_text_size(size) != text.size()) {
        return fail(IdentityError::kMalformed);
    }
    crypto::SecretBytes bytes(size);
    unsigned pending = 0;
    unsigned pending_bits = 0;
    std::size_t at = 0;
    for (const char character : text) {
        const std::size_t value = kAlphabet.find(character);
        if (value == std::string_view::npos) {
            return fail(IdentityError::kMalformed);
        }
        pending = (pending << 5U) | static_cast<unsigned>(value);
        pending_bits += 5;
        if (pending_bits >= 8) {
            pending_bits -= 8;
            bytes.bytes()[at++] = static_cast<std::uint8_t>(pending >> pending_bits);
            pending &= (1U << pending_bits) - 1;
        }
    }
    if (pending != 0) {
        return fail(IdentityError::kMalformed);
    }
    return bytes;
}

}  // namespace phantom::identity
