#pragma once

// Small words about text that several parsers of rules and protocols use.

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace phantom::detect {

[[nodiscard]] constexpr char lower(char each) {
    return each >= 'A' && each <= 'Z' ? static_cast<char>(each - 'A' + 'a') : each;
}
[[nodiscard]] constexpr bool is_blank(char each) {
    return each == ' ' || each == '\t' || each == '\r' || each == '\n';
}
[[nodiscard]] constexpr int hex_digit(char each) {
    if (each >= '0' && each <= '9') {
        return each - '0';
    }
    const char small = lower(each);
    return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

[[nodiscard]] std::string lowered(std::string_view text);
[[nodiscard]] std::string_view trimmed(std::string_view text);
[[nodiscard]] bool equal_ignoring_case(std::string_view left, std::string_view right);
// Parts without the blanks around them.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);
// Parts as they are.
[[nodiscard]] std::vector<std::string_view> split_raw(std::string_view text, char separator);
// At separators that are outside of [brackets]; none where the brackets do not match.
[[nodiscard]] std::optional<std::vector<std::string_view>> split_list(std::string_view text);

// All of the text, in decimal or with 0x in hexadecimal.
template <class T>
[[nodiscard]] std::optional<T> number(std::string_view text) {
    int base = 10;
    if (text.starts_with("0x") || text.starts_with("0X")) {
        text.remove_prefix(2);
        base = 16;
    } else if (text.starts_with('+')) {
        text.remove_prefix(1);
    }
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc() || end != text.data() + text.size() || text.empty()) {
        return std::nullopt;
    }
    return value;
}

}  // namespace phantom::detect
