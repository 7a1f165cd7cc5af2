#include "detect/base64.h"

#include <string_view>

namespace phantom::detect {

namespace {

constexpr std::string_view kBase64Alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::vector<std::uint8_t> decode_base64(ByteView text) {
    std::vector<std::uint8_t> out;
    out.reserve(text.size() / 4 * 3);
    std::uint32_t bits = 0;
    unsigned held = 0;
    for (const std::uint8_t each : text) {
        if (each == '=') {
            break;
        }
        const std::size_t value = kBase64Alphabet.find(static_cast<char>(each));
        if (value == std::string_view::npos) {
            continue;
        }
        bits = bits << 6U | static_cast<std::uint32_t>(value);
        held += 6;
        if (held >= 8) {
            held -= 8;
            out.push_back(static_cast<std::uint8_t>(bits >> held));
        }
    }
    return out;
}

std::string encode_base64(ByteView bytes) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const std::size_t left = bytes.size() - at;
        const std::uint32_t bits =
            static_cast<std::uint32_t>(bytes[at]) << 16U |
            (left > 1 ? static_cast<std::uint32_t>(bytes[at + 1]) << 8U : 0) |
            (left > 2 ? bytes[at + 2] : 0U);
        out += kBase64Alphabet[bits >> 18U];
        out += kBase64Alphabet[bits >> 12U & 63U];
        out += left > 1 ? kBase64Alphabet[bits >> 6U & 63U] : '=';
        out += left > 2 ? kBase64Alphabet[bits & 63U] : '=';
    }
    return out;
}

}  // namespace phantom::detect
