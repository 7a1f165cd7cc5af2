#include "api/browser.h"

#include <algorithm>

#include "wire/address.h"

namespace phantom::api {

namespace {

constexpr std::string_view kOwnScheme = "https://";

std::string_view without_spaces(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool is_host_character(char each) {
    return (each >= 'a' && each <= 'z') || (each >= '0' && each <= '9') || each == '-' ||
           each == '.' || each == '_';
}

bool is_port(std::string_view text) {
    return !text.empty() && text.size() <= 5 &&
           text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string in_lower_case(std::string_view text) {
    std::string out(text);
    for (char& each : out) {
        each = each >= 'A' && each <= 'Z' ? static_cast<char>(each - 'A' + 'a') : each;
    }
    return out;
}

bool is_covered(std::string_view name, std::string_view pattern) {
    if (!pattern.starts_with("*.")) {
        return name == pattern;
    }
    const std::size_t dot = name.find('.');
    return dot != 0 && dot != std::string_view::npos && name.substr(dot) == pattern.substr(1);
}

}  // namespace

std::string_view cookie_in(std::string_view field, std::string_view name) {
    while (!field.empty()) {
        const std::string_view pair = without_spaces(field.substr(0, field.find(';')));
        field.remove_prefix(std::min(std::min(field.find(';'), field.size()) + 1, field.size()));
        if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=') {
            return pair.substr(name.size() + 1);
        }
    }
    return {};
}

std::string host_of(std::string_view field) {
    std::string_view host = field;
    std::string_view port;
    if (field.starts_with('[')) {
        const std::size_t end = field.find(']');
        if (end == std::string_view::npos) {
            return {};
        }
        host = field.substr(1, end - 1);
        port = field.substr(end + 1);
    } else {
        host = field.substr(0, field.find(':'));
        port = field.substr(host.size());
    }
    if (!port.empty() && !(port.starts_with(':') && is_port(port.substr(1)))) {
        return {};
    }
    if (field.starts_with('[')) {
        return wire::Address::parse(host) ? std::string(host) : std::string();
    }
    std::string name = in_lower_case(host);
    // As names are written in full.
    if (name.ends_with('.')) {
        name.pop_back();
    }
    return std::ranges::all_of(name, is_host_character) ? name : std::string();
}

bool HostNames::knows(std::string_view host_field) const {
    const std::string host = host_of(host_field);
    if (host.empty()) {
        return false;
    }
    return wire::Address::parse(host).has_value() ||
           std::ranges::any_of(names_, [&](const std::string& each) {
               return is_covered(host, each);
           });
}

bool is_from_own_page(const Provenance& from) {
    // "none": the person's own doing, an address that was typed.
    const bool is_own_site = from.sec_fetch_site.empty() || from.sec_fetch_site == "same-origin" ||
                             from.sec_fetch_site == "none";
    if (!is_own_site || from.origin.empty()) {
        return is_own_site;
    }
    return from.origin.starts_with(kOwnScheme) &&
           in_lower_case(from.origin.substr(kOwnScheme.size())) == in_lower_case(from.host);
}

}  // namespace phantom::api
