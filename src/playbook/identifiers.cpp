#include "playbook/identifiers.h"

#include <algorithm>

namespace phantom::playbook {

namespace {

constexpr std::size_t kUuidSize = 36;
constexpr std::string_view kVariants = "89abAB";

bool is_digit(char each) {
    return each >= '0' && each <= '9';
}

bool is_lower(char each) {
    return each >= 'a' && each <= 'z';
}

bool is_letter(char each) {
    return is_lower(each) || (each >= 'A' && each <= 'Z');
}

bool is_hex(char each) {
    return is_digit(each) || (each >= 'a' && each <= 'f') || (each >= 'A' && each <= 'F');
}

bool is_uuid(std::string_view text) {
    constexpr std::string_view kForm = "xxxxxxxx-xxxx-vxxx-nxxx-xxxxxxxxxxxx";
    return std::ranges::equal(text, kForm, [](char each, char form) {
        return form == '-'   ? each == '-'
               : form == 'v' ? each >= '1' && each <= '5'
               : form == 'n' ? kVariants.find(each) != std::string_view::npos
                             : is_hex(each);
    });
}

// The number of two digits at `at`, or -1.
int two_digits(std::string_view text, std::size_t at) {
    return is_digit(text[at]) && is_digit(text[at + 1]) ? (text[at] - '0') * 10 + text[at + 1] - '0'
                                                        : -1;
}

}  // namespace

std::string_view type_of(std::string_view identifier) {
    return identifier.size() < kUuidSize + 2
               ? std::string_view()
               : identifier.substr(0, identifier.size() - kUuidSize - 2);
}

bool is_identifier(std::string_view text) {
    const std::string_view type = type_of(text);
    const auto is_inner = [](char each) { return is_lower(each) || is_digit(each) || each == '-'; };
    return type.size() >= 3 && is_lower(type.front()) && type.back() != '-' &&
           std::ranges::all_of(type, is_inner) && text.substr(type.size(), 2) == "--" &&
           is_uuid(text.substr(type.size() + 2));
}

bool is_timestamp(std::string_view text) {
    constexpr std::string_view kForm = "dddd-dd-ddTdd:dd:dd";
    if (text.size() < kForm.size() + 1 || text.back() != 'Z') {
        return false;
    }
    const bool has_form =
        std::ranges::equal(text.substr(0, kForm.size()), kForm, [](char each, char form) {
            return form == 'd' ? is_digit(each) : each == form;
        });
    const std::string_view fraction = text.substr(kForm.size(), text.size() - kForm.size() - 1);
    const bool has_fraction =
        fraction.empty() || (fraction.size() > 1 && fraction.front() == '.' &&
                             std::ranges::all_of(fraction.substr(1), is_digit));
    if (!has_form || !has_fraction) {
        return false;
    }
    const int month = two_digits(text, 5);
    const int day = two_digits(text, 8);
    return month >= 1 && month <= 12 && day >= 1 && day <= 31 && two_digits(text, 11) <= 23 &&
           two_digits(text, 14) <= 59 && two_digits(text, 17) <= 60;
}

bool is_variable_name(std::string_view text) {
    constexpr std::size_t kInnerMax = 200;
    if (text.size() < 5 || !text.starts_with("__") || !text.ends_with("__")) {
        return false;
    }
    const std::string_view inner = text.substr(2, text.size() - 4);
    const auto is_inner = [](char each) {
        return is_letter(each) || is_digit(each) || each == '_' || each == '-';
    };
    return inner.size() <= kInnerMax && (is_letter(inner.front()) || inner.front() == '_') &&
           std::ranges::all_of(inner, is_inner);
}

std::optional<std::string> decode_base64(std::string_view text) {
    constexpr std::string_view kAlphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if (text.size() % 4 != 0) {
        return std::nullopt;
    }
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
    std::string decoded;
    unsigned bits = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool is_padding = at >= text.size() - padding;
        const std::size_t value = is_padding ? 0 : kAlphabet.find(text[at]);
        if (value == std::string_view::npos) {
            return std::nullopt;
        }
        bits = bits << 6U | static_cast<unsigned>(value);
        if (at % 4 == 3) {
            decoded += static_cast<char>(bits >> 16U & 0xFFU);
            decoded += static_cast<char>(bits >> 8U & 0xFFU);
            decoded += static_cast<char>(bits & 0xFFU);
        }
    }
    decoded.resize(decoded.size() - padding);
    return decoded;
}

}  // namespace phantom::playbook
