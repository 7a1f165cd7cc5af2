#include "detect/http_uri.h"

#include <vector>

#include "detect/text.h"

namespace phantom::detect {

namespace {

// "http://host/path" without scheme and host.
std::string_view without_authority(std::string_view uri) {
    const std::size_t scheme = uri.find("://");
    if (scheme == std::string_view::npos || uri.find_first_of("/?#") < scheme) {
        return uri;
    }
    const std::size_t path = uri.find_first_of("/?#", scheme + 3);
    return path == std::string_view::npos ? std::string_view("/") : uri.substr(path);
}

// "%41", and "%u0041" of which the low byte counts.
std::string decoded_path(std::string_view path) {
    std::string out;
    for (std::size_t at = 0; at < path.size(); ++at) {
        const auto digit = [&](std::size_t index) {
            return at + index < path.size() ? hex_digit(path[at + index]) : -1;
        };
        if (path[at] == '%' && digit(1) >= 0 && digit(2) >= 0) {
            out += static_cast<char>(digit(1) * 16 + digit(2));
            at += 2;
        } else if (path[at] == '%' && at + 1 < path.size() && lower(path[at + 1]) == 'u' &&
                   digit(2) >= 0 && digit(3) >= 0 && digit(4) >= 0 && digit(5) >= 0) {
            out += static_cast<char>(digit(4) * 16 + digit(5));
            at += 5;
        } else {
            out += path[at];
        }
    }
    return out;
}

std::string with_single_slashes(std::string_view path) {
    std::string out;
    for (const char each : path) {
        const char here = each == '\\' ? '/' : each;
        if (here != '/' || !out.ends_with('/')) {
            out += here;
        }
    }
    return out;
}

// RFC 3986 section 5.2.4.
std::string without_dots(std::string_view path) {
    std::vector<std::string_view> kept;
    const bool absolute = path.starts_with('/');
    bool ends_with_slash = false;
    for (const std::string_view segment : split_raw(path, '/')) {
        ends_with_slash = segment.empty() || segment == "." || segment == "..";
        if (segment == "..") {
            if (!kept.empty()) {
                kept.pop_back();
            }
        } else if (!segment.empty() && segment != ".") {
            kept.push_back(segment);
        }
    }
    std::string out;
    for (const std::string_view segment : kept) {
        if (absolute || !out.empty()) {
            out += '/';
        }
        out += segment;
    }
    if (ends_with_slash && (absolute || !out.empty())) {
        out += '/';
    }
    return out;
}

}  // namespace

std::string normalised_uri(std::string_view uri) {
    uri = without_authority(uri);
    const std::size_t end = std::min(uri.find_first_of("?#"), uri.size());
    std::string out = without_dots(with_single_slashes(decoded_path(uri.substr(0, end))));
    out += uri.substr(end);
    return out;
}

}  // namespace phantom::detect
