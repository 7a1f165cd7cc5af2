#include "scenario/sigma_fields.h"

#include <algorithm>
#include <array>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "scenario/sigma_log.h"

namespace phantom::scenario {

namespace {

namespace json = boost::json;

bool is_of_key(char each) {
    const bool is_letter = (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z');
    return is_letter || (each >= '0' && each <= '9') || each == '_' || each == '-' || each == '.';
}

bool ends_value(char each) {
    return each == ' ' || each == '\t' || each == '\x1d';  // auditd's mark before what it has added
}

void add_value(const std::string& name, const json::value& value, SigmaRecord& record) {
    if (value.is_object()) {
        for (const auto& [key, each] : value.get_object()) {
            add_value(
                name.empty() ? std::string(key) : fmt::format("{}.{}", name, std::string_view(key)),
                each, record
            );
        }
    } else if (value.is_array()) {
        for (const json::value& each : value.get_array()) {
            add_value(name, each, record);
        }
    } else if (value.is_string()) {
        record.add(name, std::string_view(value.get_string()));
    } else if (value.is_double()) {
        record.add(name, fmt::format("{}", value.get_double()));
    } else if (!value.is_null()) {
        record.add(name, json::serialize(value));
    }
}

// `"text"` with its quotes, or a word; and the space behind it.
std::string_view take_log_word(std::string_view& text) {
    const bool is_quoted = text.starts_with('"');
    text.remove_prefix(is_quoted ? 1 : 0);
    std::size_t at = 0;
    while (at < text.size() && text[at] != (is_quoted ? '"' : ' ')) {
        at += is_quoted && text[at] == '\\' ? 2 : 1;
    }
    const std::string_view word = text.substr(0, std::min(at, text.size()));
    text.remove_prefix(std::min(at + (is_quoted ? 1 : 0), text.size()));
    text.remove_prefix(text.starts_with(' ') ? 1 : 0);
    return word;
}

void add_request(std::string_view request, SigmaRecord& record) {
    const std::size_t method = std::min(request.find(' '), request.size());
    record.add("cs-method", request.substr(0, method));
    std::string_view uri = request.substr(std::min(method + 1, request.size()));
    uri = uri.substr(0, std::min(uri.rfind(' '), uri.size()));
    const std::size_t mark = std::min(uri.find('?'), uri.size());
    // Sigma's rules say cs-uri-query for what stands behind the host, query or not.
    record.add("cs-uri-query", uri);
    record.add("c-uri", uri);
    record.add("cs-uri", uri);
    record.add("cs-uri-stem", uri.substr(0, mark));
}

// What begins at `at`, which then is behind it.
std::string_view take_value(std::string_view text, std::size_t& at) {
    const bool is_quoted = at < text.size() && text[at] == '"';
    at += is_quoted ? 1 : 0;
    const std::size_t value_at = at;
    while (at < text.size() && (is_quoted ? text[at] != '"' : !ends_value(text[at]))) {
        ++at;
    }
    std::string_view value = text.substr(value_at, at - value_at);
    if (!is_quoted && value.ends_with('\'')) {
        value.remove_suffix(1);
    }
    at += is_quoted ? 1 : 0;
    return value;
}

}  // namespace

void add_pairs(std::string_view text, SigmaRecord& record) {
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t key_at = at;
        while (at < text.size() && is_of_key(text[at])) {
            ++at;
        }
        const std::string_view key = text.substr(key_at, at - key_at);
        if (key.empty() || at == text.size() || text[at] != '=') {
            ++at;
            continue;
        }
        ++at;
        // Inside single quotes auditd writes pairs again.
        if (at < text.size() && text[at] == '\'') {
            ++at;
            continue;
        }
        record.add(key, take_value(text, at));
    }
}

bool add_json(std::string_view text, SigmaRecord& record) {
    boost::system::error_code error;
    json::parse_options options;
    options.max_depth = kSigmaJsonDepthMax;
    options.allow_invalid_utf8 = true;
    const json::value value = json::parse(text, error, {}, options);
    if (error || !value.is_object()) {
        return false;
    }
    add_value("", value, record);
    return true;
}

void rename_field(SigmaRecord& record, std::string_view from, std::string_view to) {
    std::vector<std::string> values;
    for (const SigmaField& each : record.fields) {
        if (each.name == from) {
            values.push_back(each.value);
        }
    }
    for (const std::string& value : values) {
        record.add(to, value);
    }
}

// Apache, "Log Files", combined: %h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-agent}i"
bool add_access(std::string_view line, SigmaRecord& record) {
    std::string_view rest = line;
    const std::string_view client = take_log_word(rest);
    (void)take_log_word(rest);
    const std::string_view user = take_log_word(rest);
    const std::size_t end = rest.find("] ");
    if (!rest.starts_with('[') || end == std::string_view::npos ||
        !wire::Address::parse(client).has_value()) {
        return false;
    }
    rest.remove_prefix(end + 2);
    if (!rest.starts_with('"')) {
        return false;
    }
    record.add("c-ip", client);
    record.add("cs-username", user);
    add_request(take_log_word(rest), record);
    record.add("sc-status", take_log_word(rest));
    record.add("sc-bytes", take_log_word(rest));
    record.add("cs-referer", take_log_word(rest));
    const std::string_view agent = take_log_word(rest);
    record.add("cs-user-agent", agent);
    record.add("c-useragent", agent);
    return true;
}

}  // namespace phantom::scenario
