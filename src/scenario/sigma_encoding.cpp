#include "scenario/sigma_encoding.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace phantom::scenario {

namespace {

constexpr auto kSigmaEncodings = std::to_array<std::string_view>(
    {"wide", "utf16le", "utf16be", "utf16", "base64", "base64offset"}
);

std::string in_base64(std::string_view text) {
    static constexpr std::string_view kLetters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t at = 0; at < text.size(); at += 3) {
        std::uint32_t bits = 0;
        const std::size_t count = std::min<std::size_t>(3, text.size() - at);
        for (std::size_t each = 0; each < 3; ++each) {
            bits = bits << 8U | (each < count ? static_cast<std::uint8_t>(text[at + each]) : 0U);
        }
        for (std::size_t letter = 0; letter < 4; ++letter) {
            out += letter <= count ? kLetters[bits >> (18U - 6U * letter) & 63U] : '=';
        }
    }
    return out;
}

// Only letters that depend on the text alone: whatever stands before and behind it.
std::string in_base64_at(std::string_view text, std::size_t offset) {
    static constexpr std::array<std::size_t, 3> kFirst{0, 2, 3};
    const std::string shifted = std::string(offset, ' ') + std::string(text);
    const std::size_t whole = shifted.size() * 8 / 6;  // letters of nothing but it
    const std::string all = in_base64(shifted);
    return all.substr(kFirst[offset], whole > kFirst[offset] ? whole - kFirst[offset] : 0);
}

std::string in_utf16(std::string_view text, bool big_end_first) {
    std::string out;
    for (const char each : text) {
        out += big_end_first ? std::string{'\0', each} : std::string{each, '\0'};
    }
    return out;
}

}  // namespace

bool is_sigma_encoding(std::string_view word) {
    return std::ranges::find(kSigmaEncodings, word) != kSigmaEncodings.end();
}

std::vector<std::string> encoded_as(
    std::string_view text, const std::vector<std::string>& encodings
) {
    std::vector<std::string> texts{std::string(text)};
    for (const std::string& encoding : encodings) {
        std::vector<std::string> next;
        for (const std::string& each : texts) {
            if (encoding == "base64") {
                next.push_back(in_base64(each));
            } else if (encoding == "base64offset") {
                for (const std::size_t offset : {0U, 1U, 2U}) {
                    next.push_back(in_base64_at(each, offset));
                }
            } else if (encoding == "utf16be") {
                next.push_back(in_utf16(each, true));
            } else if (encoding == "utf16") {
                next.push_back("\xff\xfe" + in_utf16(each, false));
            } else {
                next.push_back(in_utf16(each, false));
            }
        }
        texts = std::move(next);
        if (encoding == "base64offset") {
            break;  // nothing is written into letters of which the ends are unknown
        }
    }
    return texts;
}

std::vector<std::string> with_all_dashes(std::string_view text) {
    // hyphen, slash, en dash, em dash, horizontal bar
    static constexpr std::array<std::string_view, 5> kDashes{
        "-", "/", "\xe2\x80\x93", "\xe2\x80\x94", "\xe2\x80\x95"
    };
    std::vector<std::string> all;
    for (const std::string_view dash : kDashes) {
        std::string written;
        for (std::size_t at = 0; at < text.size(); ++at) {
            const bool begins_word = at == 0 || text[at - 1] == ' ';
            if (begins_word && text[at] == '-') {
                written += dash;
            } else {
                written += text[at];
            }
        }
        if (std::ranges::find(all, written) == all.end()) {
            all.push_back(written);
        }
    }
    return all;
}

}  // namespace phantom::scenario
