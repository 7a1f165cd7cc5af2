#include "daemon/json_fields.h"

#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace phantom::daemon {

namespace json = boost::json;

json::value or_null(const std::optional<std::string>& text) {
    return text ? json::value(*text) : json::value(nullptr);
}

std::string time_text(identity::UnixTime time) {
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(static_cast<std::time_t>(time.s)));
}

}  // namespace phantom::daemon
