#include "api/page.h"

#include <algorithm>

#include "base/base64url.h"
#include "crypto/sha256.h"

namespace phantom::api {

namespace {

namespace json = boost::json;

constexpr std::size_t kEtagHashSize = 16;

ByteView bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// Numbers before texts.
bool is_before(const json::value& a, const json::value& b) {
    if (a.is_string() && b.is_string()) {
        return a.get_string() < b.get_string();
    }
    if (a.is_number() && b.is_number()) {
        return a.to_number<double>() < b.to_number<double>();
    }
    return a.is_number() && !b.is_number();
}

json::value key_of(const json::value& item, std::string_view key) {
    const json::value* found = item.is_object() ? item.get_object().if_contains(key) : nullptr;
    return found == nullptr ? json::value(nullptr) : *found;
}

}  // namespace

std::string write_cursor(std::string_view list, const json::value& last) {
    const std::string text = json::serialize(json::array{list, last});
    return to_base64url(bytes_of(text));
}

Result<json::value> read_cursor(std::string_view list, std::string_view text) {
    if (text.size() > kCursorSizeMax) {
        return fail(ApiError::kCursorMalformed);
    }
    const auto bytes = from_base64url(text);
    if (!bytes) {
        return fail(ApiError::kCursorMalformed);
    }
    boost::system::error_code bad;
    const json::value cursor =
        json::parse({reinterpret_cast<const char*>(bytes->data()), bytes->size()}, bad);
    if (bad || !cursor.is_array() || cursor.get_array().size() != 2) {
        return fail(ApiError::kCursorMalformed);
    }
    const json::value& name = cursor.get_array()[0];
    const json::value& last = cursor.get_array()[1];
    const bool is_ours = name.is_string() && std::string_view(name.get_string()) == list &&
                         (last.is_string() || last.is_int64());
    if (!is_ours) {
        return fail(ApiError::kCursorMalformed);
    }
    return last;
}

std::optional<json::value> cut_to_page(json::array& items, std::string_view key, const Page& page) {
    std::vector<std::pair<json::value, json::value>> sorted;
    sorted.reserve(items.size());
    for (json::value& item : items) {
        json::value its_key = key_of(item, key);
        if (!page.after || is_before(*page.after, its_key)) {
            sorted.emplace_back(std::move(its_key), std::move(item));
        }
    }
    std::ranges::sort(sorted, [](const auto& a, const auto& b) {
        return is_before(a.first, b.first);
    });
    items.clear();
    const std::size_t count = std::min(page.limit, sorted.size());
    for (std::size_t index = 0; index < count; ++index) {
        items.push_back(std::move(sorted[index].second));
    }
    return count < sorted.size() && count > 0 ? std::optional(sorted[count - 1].first)
                                              : std::nullopt;
}

std::string etag_of(std::string_view body) {
    const crypto::Hash hash = crypto::sha256({bytes_of(body)});
    return '"' + to_base64url(ByteView(hash).first(kEtagHashSize)) + '"';
}

bool names_tag(std::string_view field, std::string_view etag) {
    while (!field.empty()) {
        const std::size_t comma = std::min(field.find(','), field.size());
        std::string_view each = field.substr(0, comma);
        field.remove_prefix(std::min(comma + 1, field.size()));
        const std::size_t first = each.find_first_not_of(" \t");
        if (first == std::string_view::npos) {
            continue;
        }
        each = each.substr(first, each.find_last_not_of(" \t") - first + 1);
        if (each.starts_with("W/")) {
            each.remove_prefix(2);
        }
        if (each == "*" || each == etag) {
            return true;
        }
    }
    return false;
}

}  // namespace phantom::api
