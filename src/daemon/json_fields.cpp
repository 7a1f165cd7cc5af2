#include "daemon/json_fields.h"

#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace phantom::daemon {

namespace json = boost::json;

std::string string_at(const json::object& request, const char* key) {
    const auto* value = request.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

std::int64_t number_at(const json::object& request, const char* key, std::int64_t otherwise) {
    const auto* value = request.if_contains(key);
    if (value == nullptr) {
        return otherwise;
    }
    // As we write numbers ourselves, and as they are read from a text.
    if (value->is_uint64() && value->get_uint64() <= INT64_MAX) {
        return static_cast<std::int64_t>(value->get_uint64());
    }
    return value->is_int64() ? value->get_int64() : otherwise;
}

json::value or_null(const std::optional<std::string>& text) {
    return text ? json::value(*text) : json::value(nullptr);
}

std::string time_text(identity::UnixTime time) {
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(static_cast<std::time_t>(time.s)));
}

}  // namespace phantom::daemon
