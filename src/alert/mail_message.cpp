#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "alert/message.h"
#include "alert/message_text.h"

namespace phantom::alert {

namespace {

constexpr std::size_t kSubjectRunesMax = 200;
constexpr std::size_t kBase64LineSize = 76;  // RFC 2045 section 6.8

bool is_plain_ascii(std::string_view text) {
    for (const char byte : text) {
        if (byte < ' ' || byte > '~') {
            return false;
        }
    }
    return true;
}

// RFC 2047: words of at most 75 characters, each of whole characters of UTF-8, folded one on a line. A subject of
// ASCII that could be taken for such a word is encoded too.
std::string mail_header_text(std::string_view text) {
    constexpr std::size_t kShortMax = 60;
    if (is_plain_ascii(text) && text.size() <= kShortMax &&
        text.find("=?") == std::string_view::npos) {
        return std::string(text);
    }
    constexpr std::size_t kWordBytesMax = 42;  // 56 in base64, and 12 around it
    std::string encoded;
    while (!text.empty()) {
        std::size_t size = std::min(kWordBytesMax, text.size());
        while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xc0U) == 0x80U) {
            --size;
        }
        encoded += fmt::format(
            "{}=?UTF-8?B?{}?=", encoded.empty() ? "" : "\r\n ", base64(text.substr(0, size))
        );
        text.remove_prefix(size);
    }
    return encoded;
}

std::string base64_lines(std::string_view text) {
    const std::string encoded = base64(text);
    std::string lines;
    for (std::size_t at = 0; at < encoded.size(); at += kBase64LineSize) {
        lines += encoded.substr(at, kBase64LineSize) + "\r\n";
    }
    return lines;
}

// Days and months in English whatever the locale, as RFC 5322 section 3.3 has them.
std::string mail_date(WallTime at) {
    const std::tm time = fmt::gmtime(static_cast<std::time_t>(at.ns / 1'000'000'000));
    constexpr std::array<const char*, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    return fmt::format(
        "{}, {} {} {} {:02}:{:02}:{:02} +0000", kDays.at(static_cast<std::size_t>(time.tm_wday)),
        time.tm_mday, kMonths.at(static_cast<std::size_t>(time.tm_mon)), time.tm_year + 1900,
        time.tm_hour, time.tm_min, time.tm_sec
    );
}

std::string mail_as_text(const Notification& notification) {
    std::string text = title_of(notification) + "\r\n\r\n";
    for (const NotifiedAlert& each : notification.alerts) {
        text += line_of(each) + "\r\n";
        for (const auto& [name, value] : each.alert.annotations) {
            text += fmt::format("    {}: {}\r\n", name, one_line(value));
        }
    }
    return text + left_out_line(notification) + "\r\n";
}

std::string mail_as_html(const Notification& notification) {
    std::string html = fmt::format(
        "<!DOCTYPE html><html><body><h3>{}</h3><ul>", html_escaped(title_of(notification))
    );
    for (const NotifiedAlert& each : notification.alerts) {
        html += fmt::format("<li>{}", html_escaped(line_of(each)));
        for (const auto& [name, value] : each.alert.annotations) {
            html += fmt::format("<br>{}: {}", name, html_escaped(one_line(value)));
        }
        html += "</li>\r\n";
    }
    return html + fmt::format("</ul><p>{}</p></body></html>", left_out_line(notification));
}

std::string mail_part(std::string_view boundary, std::string_view kind, std::string_view content) {
    return fmt::format(
        "--{}\r\nContent-Type: {}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{}",
        boundary, kind, base64_lines(content)
    );
}

}  // namespace

courier::Mail mail_message(
    const Notification& notification, const EmailChannel& channel, const Keys& keys,
    std::string_view to
) {
    const std::string domain = channel.from.substr(channel.from.rfind('@') + 1);
    // The parts are base64, in which no line begins with "--".
    const std::string boundary = "phantommesh-" + keys.delivery.substr(0, 32);
    const std::string subject = cut_to_runes(title_of(notification), kSubjectRunesMax);
    std::string text = fmt::format(
        "From: PhantomMesh <{}>\r\nTo: <{}>\r\nSubject: {}\r\nDate: {}\r\nMessage-ID: <{}@{}>\r\n"
        "In-Reply-To: <{}@{}>\r\nReferences: <{}@{}>\r\nAuto-Submitted: auto-generated\r\n"
        "X-Priority: {}\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n "
        "boundary=\"{}\"\r\n\r\n",
        channel.from, to, mail_header_text(subject), mail_date(notification.at), keys.delivery,
        domain, keys.thread, domain, keys.thread, domain, index_of(notification.priority) + 1,
        boundary
    );
    text += mail_part(boundary, "text/plain", mail_as_text(notification));
    text += mail_part(boundary, "text/html", mail_as_html(notification));
    text += fmt::format("--{}--\r\n", boundary);

    courier::Mail mail;
    mail.server = channel.smarthost;
    mail.from = channel.from;
    mail.to = to;
    mail.text = std::move(text);
    mail.hello = channel.hello;
    mail.user = channel.user;
    mail.password = channel.password.text;
    mail.require_tls = channel.require_tls;
    mail.ca_file = channel.ca_file;
    return mail;
}

}  // namespace phantom::alert
