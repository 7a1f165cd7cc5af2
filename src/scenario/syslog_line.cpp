#include "scenario/syslog_line.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace phantom::scenario {

namespace {

constexpr unsigned kPriorityMax = 191;       // RFC 5424 6.2.1
constexpr std::size_t kProgramSizeMax = 48;  // RFC 5424 6.2.5
constexpr std::size_t kShortTimeSize = 15;   // "Nov  9 10:00:00"

bool is_decimal(char each) {
    return each >= '0' && each <= '9';
}

std::optional<unsigned> take_priority(std::string_view& text) {
    const std::size_t end = text.find('>');
    if (!text.starts_with('<') || end == std::string_view::npos || end < 2 || end > 4) {
        return std::nullopt;
    }
    unsigned priority = 0;
    const auto [stop, error] = std::from_chars(text.data() + 1, text.data() + end, priority);
    if (error != std::errc{} || stop != text.data() + end || priority > kPriorityMax) {
        return std::nullopt;
    }
    text.remove_prefix(end + 1);
    return priority;
}

// Up to the next space, which goes too. RFC 5424 writes "-" for what is not known.
std::string_view syslog_word(std::string_view& text) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return word == "-" ? std::string_view() : word;
}

// "Nov  9 10:00:00 " or "2026-11-09T10:00:00+01:00 "
std::string_view take_time(std::string_view& text) {
    static constexpr std::array<std::string_view, 12> kMonths{
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    };
    const bool has_month = std::ranges::find(kMonths, text.substr(0, 3)) != kMonths.end();
    if (has_month && text.size() > kShortTimeSize && text[9] == ':' && text[12] == ':' &&
        text[kShortTimeSize] == ' ') {
        const std::string_view time = text.substr(0, kShortTimeSize);
        text.remove_prefix(kShortTimeSize + 1);
        return time;
    }
    const bool is_iso = text.size() > 19 && is_decimal(text[0]) && text[4] == '-' &&
                        text[7] == '-' && text[10] == 'T' && text[13] == ':';
    return is_iso ? syslog_word(text) : std::string_view();
}

// RFC 5424 6.3: "-", or elements in brackets, in which a backslash hides what follows.
void skip_structured_data(std::string_view& text) {
    if (text.starts_with('-')) {
        text.remove_prefix(1);
        return;
    }
    while (text.starts_with('[')) {
        bool is_quoted = false;
        std::size_t at = 1;
        for (; at < text.size() && (is_quoted || text[at] != ']'); ++at) {
            if (text[at] == '\\' && is_quoted) {
                ++at;
            } else if (text[at] == '"') {
                is_quoted = !is_quoted;
            }
        }
        text.remove_prefix(std::min(at + 1, text.size()));
    }
}

void read_version_1(std::string_view text, SyslogLine& line) {
    text.remove_prefix(2);
    line.time = syslog_word(text);
    line.host = syslog_word(text);
    line.program = syslog_word(text);
    line.process = syslog_word(text);
    (void)syslog_word(text);  // MSGID
    skip_structured_data(text);
    line.message = text.substr(text.starts_with(' ') ? 1 : 0);
    if (line.message.starts_with("\xef\xbb\xbf")) {
        line.message.remove_prefix(3);
    }
}

// "sshd[12]: text", "sshd: text"
bool take_tag(std::string_view& text, SyslogLine& line) {
    const std::size_t colon = text.find(": ");
    const std::size_t size =
        colon == std::string_view::npos && text.ends_with(':') ? text.size() - 1 : colon;
    if (size == std::string_view::npos || size == 0 || size > kProgramSizeMax + 12) {
        return false;
    }
    std::string_view tag = text.substr(0, size);
    if (tag.find(' ') != std::string_view::npos) {
        return false;
    }
    const std::size_t bracket = tag.find('[');
    if (bracket != std::string_view::npos && tag.ends_with(']')) {
        line.process = tag.substr(bracket + 1, tag.size() - bracket - 2);
        tag = tag.substr(0, bracket);
    }
    line.program = tag;
    text.remove_prefix(std::min(size + 2, text.size()));
    return true;
}

}  // namespace

SyslogLine read_syslog(std::string_view text) {
    SyslogLine line;
    line.priority = take_priority(text);
    if (line.priority && text.starts_with("1 ")) {
        read_version_1(text, line);
        return line;
    }
    line.time = take_time(text);
    // A host stands there where a time does, but for daemons on the same machine, which leave it out.
    if (!line.time.empty() && !take_tag(text, line)) {
        line.host = syslog_word(text);
    }
    if (line.program.empty()) {
        (void)take_tag(text, line);
    }
    line.message = text;
    return line;
}

}  // namespace phantom::scenario
