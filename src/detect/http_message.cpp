#include "detect/http_message.h"

#include <algorithm>
#include <array>

#include "detect/text.h"

namespace phantom::detect {

namespace {

constexpr std::array<std::string_view, 30> kHttpMethods{
    "GET",
    "POST",
    "HEAD",
    "PUT",
    "DELETE",
    "OPTIONS",
    "CONNECT",
    "TRACE",
    "PATCH",
    "PROPFIND",
    "PROPPATCH",
    "MKCOL",
    "COPY",
    "MOVE",
    "LOCK",
    "UNLOCK",
    "REPORT",
    "MKACTIVITY",
    "CHECKOUT",
    "MERGE",
    "SEARCH",
    "BPROPFIND",
    "POLL",
    "SUBSCRIBE",
    "UNSUBSCRIBE",
    "NOTIFY",
    "CHECKIN",
    "VERSION-CONTROL",
    "BASELINE-CONTROL",
    "INVALID",
};

std::string_view next_token(std::string_view& rest) {
    rest = trimmed(rest);
    const std::size_t end = std::min(rest.find_first_of(" \t"), rest.size());
    const std::string_view token = rest.substr(0, end);
    rest.remove_prefix(end);
    return token;
}

// Without blanks and control characters, which some readers pass over.
std::string field_name(std::string_view text) {
    std::string name;
    for (const char each : trimmed(text)) {
        if (static_cast<unsigned char>(each) > ' ') {
            name += each;
        }
    }
    return name;
}

bool is_field(std::string_view line) {
    const std::size_t colon = line.find(':');
    const std::string_view name = trimmed(line.substr(0, colon));
    return colon != std::string_view::npos && !name.empty() &&
           name.find_first_of(" \t\"=;,/") == std::string_view::npos;
}

}  // namespace

bool is_http_method(std::string_view word) {
    return std::ranges::find(kHttpMethods, word) != kHttpMethods.end();
}

// A carriage return alone ends a line for some servers and browsers.
void HttpFields::read(std::string_view head) {
    std::string line;
    while (!head.empty()) {
        const std::size_t end = head.find_first_of("\r\n");
        const std::string_view part = head.substr(0, end);
        head.remove_prefix(end == std::string_view::npos ? head.size() : end + 1);
        if (part.empty()) {
            continue;
        }
        const bool folded = static_cast<unsigned char>(part.front()) <= ' ' && !line.empty();
        // "a: b" behind a blank is taken for a field of its own.
        if (folded && !is_field(part)) {
            line += ' ';
            line += trimmed(part);
            continue;
        }
        add(line);
        line = part;
    }
    add(line);
}

void HttpFields::add(std::string_view line) {
    if (trimmed(line).empty() || fields_.size() >= kHttpFieldsMax) {
        return;
    }
    const std::size_t colon = line.find(':');
    const std::string name =
        colon == std::string_view::npos ? std::string() : field_name(line.substr(0, colon));
    const std::string_view value =
        trimmed(colon == std::string_view::npos ? line : line.substr(colon + 1));
    for (HttpField& field : fields_) {
        if (equal_ignoring_case(field.name, name) && !name.empty()) {
            field.repeated = true;
            // Of two lengths the first counts.
            if (!equal_ignoring_case(name, "content-length")) {
                field.value += ", ";
                field.value += value;
            }
            return;
        }
    }
    fields_.push_back({name, std::string(value)});
}

const HttpField* HttpFields::find(std::string_view name) const {
    const auto found = std::ranges::find_if(fields_, [&](const HttpField& field) {
        return equal_ignoring_case(field.name, name);
    });
    return found == fields_.end() ? nullptr : &*found;
}

std::string_view HttpFields::value(std::string_view name) const {
    const HttpField* field = find(name);
    return field == nullptr ? std::string_view() : std::string_view(field->value);
}

// A blank may stand in the URI: the protocol is the last word, where it is one.
HttpRequestLine read_request_line(std::string_view line) {
    HttpRequestLine read;
    std::string_view rest = line;
    read.method = next_token(rest);
    rest = trimmed(rest);
    const std::size_t last = rest.find_last_of(" \t");
    if (last != std::string_view::npos && equal_ignoring_case(rest.substr(last + 1, 5), "HTTP/")) {
        read.protocol = rest.substr(last + 1);
        rest = trimmed(rest.substr(0, last));
    }
    read.uri = rest;
    return read;
}

std::optional<HttpStatusLine> read_status_line(std::string_view line) {
    std::string_view rest = trimmed(line);
    while (!rest.empty() && static_cast<unsigned char>(rest.front()) <= ' ') {
        rest.remove_prefix(1);
    }
    if (!equal_ignoring_case(rest.substr(0, 4), "HTTP")) {
        return std::nullopt;
    }
    HttpStatusLine read;
    read.protocol = next_token(rest);
    read.code = next_token(rest);
    read.message = trimmed(rest);
    return read;
}

}  // namespace phantom::detect
