#include "base/base64url.h"

namespace phantom {

namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr unsigned kBitsOfDigit = 6;

}  // namespace

std::string to_base64url(ByteView bytes) {
    std::string text;
    std::uint32_t held = 0;
    unsigned bits = 0;
    for (const std::uint8_t byte : bytes) {
        held = (held << 8U) | byte;
        bits += 8;
        while (bits >= kBitsOfDigit) {
            bits -= kBitsOfDigit;
            text.push_back(kAlphabet[(held >> bits) & 63U]);
        }
        held &= (1U << bits) - 1;
    }
    if (bits > 0) {
        text.push_back(kAlphabet[(held << (kBitsOfDigit - bits)) & 63U]);
    }
    return text;
}

std::optional<std::vector<std::uint8_t>> from_base64url(std::string_view text) {
    std::vector<std::uint8_t> bytes;
    std::uint32_t held = 0;
    unsigned bits = 0;
    for (const char each : text) {
        const std::size_t digit = kAlphabet.find(each);
        if (digit == std::string_view::npos) {
            return std::nullopt;
        }
        held = (held << kBitsOfDigit) | static_cast<std::uint32_t>(digit);
        bits += kBitsOfDigit;
        if (bits >= 8) {
            bits -= 8;
            bytes.push_back(static_cast<std::uint8_t>(held >> bits));
            held &= (1U << bits) - 1;
        }
    }
    // A whole digit too many, or bits that no byte has.
    if (bits >= kBitsOfDigit || held != 0) {
        return std::nullopt;
    }
    return bytes;
}

}  // namespace phantom
