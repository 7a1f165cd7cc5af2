#include "api/target.h"

#include <optional>

namespace phantom::api {

namespace {

std::optional<unsigned> nibble_of(char digit) {
    if (digit >= '0' && digit <= '9') {
        return static_cast<unsigned>(digit - '0');
    }
    if (digit >= 'a' && digit <= 'f') {
        return static_cast<unsigned>(digit - 'a') + 10;
    }
    if (digit >= 'A' && digit <= 'F') {
        return static_cast<unsigned>(digit - 'A') + 10;
    }
    return std::nullopt;
}

bool is_unreserved(char each) {
    return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') ||
           (each >= '0' && each <= '9') || each == '-' || each == '.' || each == '_' || each == '~';
}

// The part up to `separator`; `text` goes on behind it.
std::string_view take_part(std::string_view& text, char separator) {
    const std::size_t end = std::min(text.find(separator), text.size());
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return part;
}

Status add_segments(std::string_view path, std::vector<std::string>& segments) {
    if (path.empty() || path.front() != '/') {
        return fail(ApiError::kTargetMalformed);
    }
    path.remove_prefix(1);
    while (!path.empty()) {
        std::string segment = PM_TRY(decode_percent(take_part(path, '/'), false));
        const bool is_none = segment.empty() || segment == "." || segment == "..";
        // Decoded, it could be taken for two.
        if (is_none || segment.find('/') != std::string::npos || segments.size() == kSegmentsMax) {
            return fail(ApiError::kTargetMalformed);
        }
        segments.push_back(std::move(segment));
    }
    return {};
}

}  // namespace

Result<std::string> decode_percent(std::string_view text, bool plus_is_space) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t index = 0; index < text.size(); ++index) {
        const char each = text[index];
        if (each == '+' && plus_is_space) {
            decoded.push_back(' ');
            continue;
        }
        // Nothing that a terminal or a log would take for more than text.
        if (each <= ' ' || each == '\x7f') {
            return fail(ApiError::kTargetMalformed, static_cast<std::uint32_t>(index));
        }
        if (each != '%') {
            decoded.push_back(each);
            continue;
        }
        if (text.size() - index < 3) {
            return fail(ApiError::kTargetMalformed, static_cast<std::uint32_t>(index));
        }
        const auto high = nibble_of(text[index + 1]);
        const auto low = nibble_of(text[index + 2]);
        if (!high || !low || (*high == 0 && *low == 0)) {
            return fail(ApiError::kTargetMalformed, static_cast<std::uint32_t>(index));
        }
        decoded.push_back(static_cast<char>(*high * 16 + *low));
        index += 2;
    }
    return decoded;
}

std::string encode_percent(std::string_view text) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string encoded;
    for (const char each : text) {
        if (is_unreserved(each)) {
            encoded.push_back(each);
            continue;
        }
        const auto byte = static_cast<unsigned char>(each);
        encoded.push_back('%');
        encoded.push_back(kDigits[byte >> 4U]);
        encoded.push_back(kDigits[byte & 15U]);
    }
    return encoded;
}

Result<std::map<std::string, std::string, std::less<>>> parse_form(std::string_view text) {
    std::map<std::string, std::string, std::less<>> parameters;
    while (!text.empty()) {
        std::string_view part = take_part(text, '&');
        if (part.empty()) {
            continue;
        }
        std::string name = PM_TRY(decode_percent(take_part(part, '='), true));
        std::string value = PM_TRY(decode_percent(part, true));
        if (parameters.size() == kParametersMax) {
            return fail(ApiError::kTooManyParameters, kParametersMax);
        }
        // Twice: two readers would believe two different ones.
        if (name.empty() || !parameters.emplace(std::move(name), std::move(value)).second) {
            return fail(ApiError::kTargetMalformed);
        }
    }
    return parameters;
}

Result<Target> parse_target(std::string_view text) {
    if (text.size() > kTargetSizeMax) {
        return fail(ApiError::kTargetTooLong, kTargetSizeMax);
    }
    Target target;
    const std::size_t question = text.find('?');
    PM_TRY(add_segments(text.substr(0, question), target.segments));
    if (question != std::string_view::npos) {
        target.query = PM_TRY(parse_form(text.substr(question + 1)));
    }
    return target;
}

}  // namespace phantom::api
