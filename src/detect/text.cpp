#include "detect/text.h"

#include <algorithm>

namespace phantom::detect {

std::string lowered(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), lower);
    return out;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_blank(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

bool equal_ignoring_case(std::string_view left, std::string_view right) {
    return std::ranges::equal(left, right, {}, lower, lower);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts = split_raw(text, separator);
    std::ranges::transform(parts, parts.begin(), trimmed);
    return parts;
}

std::vector<std::string_view> split_raw(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (;;) {
        const std::size_t at = text.find(separator);
        parts.push_back(text.substr(0, at));
        if (at == std::string_view::npos) {
            return parts;
        }
        text.remove_prefix(at + 1);
    }
}

std::optional<std::vector<std::string_view>> split_list(std::string_view text) {
    std::vector<std::string_view> parts;
    unsigned depth = 0;
    std::size_t begin = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '[') {
            ++depth;
        } else if (text[at] == ']') {
            if (depth == 0) {
                return std::nullopt;
            }
            --depth;
        } else if (text[at] == ',' && depth == 0) {
            parts.push_back(trimmed(text.substr(begin, at - begin)));
            begin = at + 1;
        }
    }
    parts.push_back(trimmed(text.substr(begin)));
    return depth == 0 ? std::optional(std::move(parts)) : std::nullopt;
}

}  // namespace phantom::detect
