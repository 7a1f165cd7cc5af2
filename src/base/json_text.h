#pragma once

// Text inside JSON (RFC 8259 section 7), where a whole library for it is not at hand. What is no UTF-8 is replaced, so that
// whoever reads a line reads all of it.

#include <cstdint>
#include <string>
#include <string_view>

namespace phantom {

// The bytes of the UTF-8 sequence at the beginning of `text` (RFC 3629 section 4); 0: there is none.
[[nodiscard]] constexpr std::size_t utf8_size(std::string_view text) {
    const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(text[at]); };
    const auto is_next = [&](std::size_t at, std::uint8_t least = 0x80, std::uint8_t most = 0xbf) {
        return at < text.size() && byte(at) >= least && byte(at) <= most;
    };
    if (text.empty() || byte(0) < 0x80) {
        return text.empty() ? 0 : 1;
    }
    const std::uint8_t first = byte(0);
    if (first >= 0xc2 && first <= 0xdf) {
        return is_next(1) ? 2 : 0;
    }
    if (first >= 0xe0 && first <= 0xef) {
        const std::uint8_t least = first == 0xe0 ? 0xa0 : 0x80;
        const std::uint8_t most = first == 0xed ? 0x9f : 0xbf;
        return is_next(1, least, most) && is_next(2) ? 3 : 0;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        const std::uint8_t least = first == 0xf0 ? 0x90 : 0x80;
        const std::uint8_t most = first == 0xf4 ? 0x8f : 0xbf;
        return is_next(1, least, most) && is_next(2) && is_next(3) ? 4 : 0;
    }
    return 0;
}

// With quotation marks around it.
inline void append_json_text(std::string& out, std::string_view text) {
    constexpr std::string_view kHex = "0123456789abcdef";
    constexpr std::uint8_t kFirstPrintable = 0x20;
    out += '"';
    while (!text.empty()) {
        const char each = text.front();
        const std::size_t size = utf8_size(text);
        if (size == 0) {
            out += "\xef\xbf\xbd";  // U+FFFD
        } else if (each == '"' || each == '\\') {
            out += '\\';
            out += each;
        } else if (static_cast<std::uint8_t>(each) < kFirstPrintable) {
            out += "\\u00";
            out += kHex[static_cast<std::uint8_t>(each) >> 4U];
            out += kHex[static_cast<std::uint8_t>(each) & 0x0fU];
        } else {
            out += text.substr(0, size);
        }
        text.remove_prefix(size == 0 ? 1 : size);
    }
    out += '"';
}

}  // namespace phantom
