#pragma once

// Text inside JSON (RFC 8259 section 7), where a whole library for it is not at hand. What is no UTF-8 is replaced, so that
// whoever reads a line reads all of it.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace phantom {

// The bytes of the UTF-8 sequence at the beginning of `text` (RFC 3629 section 4); 0: there is none.
[[nodiscard]] constexpr std::size_t utf8_size(std::string_view text) {
    // Unicode 15, table 3-7: the first byte's range, how many there are, and the second's range; the others are 80 to bf.
    struct Form {
        std::uint8_t first_least;
        std::uint8_t first_most;
        std::uint8_t size;
        std::uint8_t second_least;
        std::uint8_t second_most;
    };
    constexpr std::array<Form, 9> kForms{{
        {0x00, 0x7f, 1, 0x80, 0xbf},
        {0xc2, 0xdf, 2, 0x80, 0xbf},
        {0xe0, 0xe0, 3, 0xa0, 0xbf},
        {0xe1, 0xec, 3, 0x80, 0xbf},
        {0xed, 0xed, 3, 0x80, 0x9f},
        {0xee, 0xef, 3, 0x80, 0xbf},
        {0xf0, 0xf0, 4, 0x90, 0xbf},
        {0xf1, 0xf3, 4, 0x80, 0xbf},
        {0xf4, 0xf4, 4, 0x80, 0x8f},
    }};
    const auto is_in = [text](std::size_t at, std::uint8_t least, std::uint8_t most) {
        const auto byte = static_cast<std::uint8_t>(text[at]);
        return byte >= least && byte <= most;
    };
    for (const Form& form : kForms) {
        if (!text.empty() && is_in(0, form.first_least, form.first_most)) {
            bool is_whole = text.size() >= form.size;
            for (std::size_t at = 1; is_whole && at < form.size; ++at) {
                is_whole = at == 1 ? is_in(at, form.second_least, form.second_most)
                                   : is_in(at, 0x80, 0xbf);
            }
            return is_whole ? form.size : 0;
        }
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
