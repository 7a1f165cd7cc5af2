#include "wireguard/key_text.h"

#include <algorithm>

namespace phantom::wireguard {

namespace {

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::size_t kDigitCount = 43;  // 258 bits: the lowest two of the last are zero
constexpr unsigned kDigitBits = 6;

}  // namespace

std::optional<std::array<std::uint8_t, 32>> parse_key_text(std::string_view text) {
    if (text.size() != kKeyTextSize || text.back() != '=') {
        return std::nullopt;
    }
    std::array<std::uint8_t, 32> key{};
    std::uint32_t bits = 0;
    unsigned held = 0;
    auto out = key.begin();
    for (const char each : text.substr(0, kDigitCount)) {
        const std::size_t digit = kDigits.find(each);
        if (digit == std::string_view::npos) {
            return std::nullopt;
        }
        bits = bits << kDigitBits | static_cast<std::uint32_t>(digit);
        held += kDigitBits;
        if (held >= 8) {
            held -= 8;
            *out++ = static_cast<std::uint8_t>(bits >> held);
            bits &= (1U << held) - 1;
        }
    }
    return bits == 0 ? std::optional(key) : std::nullopt;
}

std::string key_text(std::span<const std::uint8_t, 32> key) {
    std::string text;
    std::uint32_t bits = 0;
    unsigned held = 0;
    for (const std::uint8_t byte : key) {
        bits = bits << 8U | byte;
        for (held += 8; held >= kDigitBits; held -= kDigitBits) {
            text += kDigits[(bits >> (held - kDigitBits)) & 0x3fU];
        }
    }
    text += kDigits[(bits << (kDigitBits - held)) & 0x3fU];
    return text + "=";
}

}  // namespace phantom::wireguard
