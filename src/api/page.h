#pragma once

// Lists in pieces: a cursor says behind which element the next piece begins, so that what comes or goes meanwhile
// neither repeats nor hides another. Its text is opaque to callers. Pure.

#include <optional>
#include <string>
#include <string_view>

#include <boost/json.hpp>

#include "api/errors.h"

namespace phantom::api {

inline constexpr std::size_t kPageSize = 100;
inline constexpr std::size_t kPageSizeMax = 500;
inline constexpr std::size_t kCursorSizeMax = 512;

// `list` names the list and what it was filtered by: a cursor is good for nothing else.
[[nodiscard]] std::string write_cursor(std::string_view list, const boost::json::value& last);
// The key of the last element. kCursorMalformed.
[[nodiscard]] Result<boost::json::value> read_cursor(std::string_view list, std::string_view text);

struct Page {
    std::size_t limit = kPageSize;
    std::optional<boost::json::value> after;  // a key
};

// Sorted by `key`, a number or a text of each element; what is up to `after` and beyond `limit` is gone. The key of the
// last one where something was left out behind it.
[[nodiscard]] std::optional<boost::json::value> cut_to_page(
    boost::json::array& items, std::string_view key, const Page& page
);

// `"` and 22 characters of the hash of the body and `"`.
[[nodiscard]] std::string etag_of(std::string_view body);
// Whether a field If-Match or If-None-Match (RFC 9110 section 13.1) names this tag, or any ("*").
[[nodiscard]] bool names_tag(std::string_view field, std::string_view etag);

}  // namespace phantom::api
