#include "alert/message_text.h"

#include <algorithm>
#include <chrono>
#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace phantom::alert {

namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";
constexpr std::string_view kEllipsis = "\xe2\x80\xa6";

bool is_continuation(char byte) {
    return (static_cast<unsigned char>(byte) & 0xc0U) == 0x80U;
}

// The size of the character that `text` begins with, 0 where that is none (RFC 3629: no overlong form, no surrogate,
// nothing above U+10FFFF).
std::size_t rune_size(std::string_view text) {
    const auto byte_at = [text](std::size_t index) {
        return static_cast<unsigned char>(text[index]);
    };
    const unsigned first = byte_at(0);
    if (first < 0x80) {
        return 1;
    }
    const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || text.size() < size) {
        return 0;
    }
    for (std::size_t index = 1; index < size; ++index) {
        if (!is_continuation(text[index])) {
            return 0;
        }
    }
    const unsigned second = byte_at(1);
    const bool is_wrong = (first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
                          (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f);
    return is_wrong ? 0 : size;
}

// Controls of C0 and C1, and those of Unicode that are not seen and change what is: directions, separators of lines,
// blanks of no width.
bool is_unseen(std::string_view rune) {
    if (rune.size() == 1) {
        return static_cast<unsigned char>(rune[0]) < 0x20 || rune[0] == 0x7f;
    }
    if (rune.size() == 2) {
        return rune[0] == '\xc2' && static_cast<unsigned char>(rune[1]) < 0xa0;
    }
    constexpr std::string_view kFirstOfLinesAndDirections = "\xe2\x80\xa8";
    constexpr std::string_view kLastOfDirections = "\xe2\x80\xae";
    constexpr std::string_view kFirstWithoutWidth = "\xe2\x80\x8b";
    constexpr std::string_view kLastMark = "\xe2\x80\x8f";
    constexpr std::string_view kFirstIsolate = "\xe2\x81\xa0";
    constexpr std::string_view kLastIsolate = "\xe2\x81\xaf";
    constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
    const auto is_among = [rune](std::string_view first, std::string_view last) {
        return rune.size() == 3 && first <= rune && rune <= last;
    };
    return is_among(kFirstOfLinesAndDirections, kLastOfDirections) ||
           is_among(kFirstWithoutWidth, kLastMark) || is_among(kFirstIsolate, kLastIsolate) ||
           rune == kByteOrderMark;
}

template <class Write>
void for_each_rune(std::string_view text, Write write) {
    while (!text.empty()) {
        const std::size_t size = rune_size(text);
        write(size == 0 ? kReplacement : text.substr(0, size));
        text.remove_prefix(std::max<std::size_t>(size, 1));
    }
}

std::string name_in(const Labels& labels) {
    const std::string_view name = labels.value_of("alertname");
    return name.empty() ? "alert" : one_line(name);
}

std::string others_in(const Labels& labels) {
    std::string text;
    for (const auto& [name, value] : labels) {
        if (name != "alertname" && name != "priority") {
            text += fmt::format("{}{}={}", text.empty() ? "" : ", ", name, one_line(value));
        }
    }
    return text;
}

}  // namespace

std::string valid_utf8(std::string_view text) {
    std::string valid;
    valid.reserve(text.size());
    for_each_rune(text, [&](std::string_view rune) { valid += rune; });
    return valid;
}

std::string one_line(std::string_view text) {
    std::string line;
    line.reserve(text.size());
    for_each_rune(text, [&](std::string_view rune) { line += is_unseen(rune) ? " " : rune; });
    return line;
}

std::size_t rune_count(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(text, [](char byte) {
        return !is_continuation(byte);
    }));
}

std::string cut_to_runes(std::string text, std::size_t count_max) {
    if (rune_count(text) <= count_max) {
        return text;
    }
    std::size_t size = 0;
    for (std::size_t count = 0; size < text.size(); ++size) {
        if (!is_continuation(text[size]) && ++count == count_max) {
            break;
        }
    }
    text.resize(size);
    return text.append(kEllipsis);
}

std::string html_escaped(std::string_view text) {
    std::string escaped;
    for (const char byte : text) {
        switch (byte) {
            case '&':
                escaped += "&amp;";
                break;
            case '<':
                escaped += "&lt;";
                break;
            case '>':
                escaped += "&gt;";
                break;
            case '"':
                escaped += "&quot;";
                break;
            case '\'':
                escaped += "&#39;";
                break;
            default:
                escaped += byte;
        }
    }
    return escaped;
}

std::string percent_encoded(std::string_view text) {
    std::string encoded;
    for (const char byte : text) {
        const bool is_plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                              (byte >= '0' && byte <= '9') || byte == '-' || byte == '.' ||
                              byte == '_' || byte == '~';
        encoded += is_plain ? std::string(1, byte)
                            : fmt::format("%{:02X}", static_cast<unsigned char>(byte));
    }
    return encoded;
}

std::string base64(std::string_view text) {
    constexpr std::string_view kDigits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string encoded;
    for (std::size_t at = 0; at < text.size(); at += 3) {
        const std::string_view part = text.substr(at, 3);
        std::uint32_t bits = 0;
        for (std::size_t index = 0; index < 3; ++index) {
            bits =
                bits << 8U | (index < part.size() ? static_cast<unsigned char>(part[index]) : 0U);
        }
        for (std::size_t index = 0; index < 4; ++index) {
            encoded += index <= part.size() ? kDigits[bits >> (18 - 6 * index) & 63U] : '=';
        }
    }
    return encoded;
}

std::string rfc3339(WallTime at) {
    constexpr std::int64_t kNsPerSecond = 1'000'000'000;
    return fmt::format(
        "{:%Y-%m-%dT%H:%M:%S}.{:09}Z", fmt::gmtime(static_cast<std::time_t>(at.ns / kNsPerSecond)),
        at.ns % kNsPerSecond
    );
}

std::string title_of(const Notification& notification) {
    const std::string state = notification.is_resolved()
                                  ? "RESOLVED"
                                  : fmt::format("FIRING:{}", notification.firing_count());
    const std::string others = others_in(notification.group_labels);
    return fmt::format(
        "{}[{} {}] {}{}", notification.is_test ? "TEST " : "", name_of(notification.priority),
        state, name_in(notification.common_labels),
        others.empty() ? "" : fmt::format(" ({})", others)
    );
}

std::string line_of(const NotifiedAlert& notified) {
    const Alert& alert = notified.alert;
    const std::string_view summary = alert.annotations.value_of("summary");
    return fmt::format(
        "{} {}: {}, {}, {} since {}{}{}", name_of(alert.priority),
        notified.is_resolved ? "resolved" : "firing", name_in(alert.labels),
        others_in(alert.labels),
        notified.count == 1 ? "once" : fmt::format("{} times", notified.count),
        rfc3339(alert.starts_at).substr(0, 19) + "Z", summary.empty() ? "" : ": ", one_line(summary)
    );
}

std::string left_out_line(const Notification& notification) {
    return notification.left_out_count == 0
               ? ""
               : fmt::format("and {} more", notification.left_out_count);
}

}  // namespace phantom::alert
