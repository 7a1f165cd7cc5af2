#include "intel/json_text.h"

#include <algorithm>
#include <charconv>
#include <chrono>

#include <fmt/format.h>

#include "intel/reader.h"

namespace phantom::intel {

namespace {

namespace json = boost::json;

std::optional<int> two_or_more_digits(std::string_view text, std::size_t at, std::size_t count) {
    if (text.size() < at + count) {
        return std::nullopt;
    }
    int number = 0;
    for (const char each : text.substr(at, count)) {
        if (each < '0' || each > '9') {
            return std::nullopt;
        }
        number = 10 * number + (each - '0');
    }
    return number;
}

}  // namespace

OrFault<json::value> parse_json(std::string_view text) {
    json::parse_options options;
    options.max_depth = kDocumentDepthMax;
    json::stream_parser parser(json::storage_ptr(), options);
    parser.reset(json::make_shared_resource<json::monotonic_resource>());
    json::error_code error;
    const std::size_t read = parser.write({text.data(), text.size()}, error);
    if (!error) {
        parser.finish(error);
    }
    if (error) {
        const std::string_view before = text.substr(0, read);
        return std::unexpected(Fault{
            fmt::format("line {}", std::ranges::count(before, '\n') + 1),
            read == text.size() ? fmt::format("cut off: {}", error.message())
                                : fmt::format("not JSON: {}", error.message())
        });
    }
    return parser.release();
}

const json::string* text_in(const json::object& object, std::string_view key) {
    const json::value* const found = object.if_contains(key);
    return found == nullptr ? nullptr : found->if_string();
}

const json::array* list_in(const json::object& object, std::string_view key) {
    const json::value* const found = object.if_contains(key);
    return found == nullptr ? nullptr : found->if_array();
}

std::optional<std::uint32_t> timestamp_of(std::string_view text) {
    const auto year = two_or_more_digits(text, 0, 4);
    const auto month = two_or_more_digits(text, 5, 2);
    const auto day = two_or_more_digits(text, 8, 2);
    const auto hour = two_or_more_digits(text, 11, 2);
    const auto minute = two_or_more_digits(text, 14, 2);
    const auto second = two_or_more_digits(text, 17, 2);
    if (!year || !month || !day || !hour || !minute || !second || text[4] != '-' ||
        text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':') {
        return std::nullopt;
    }
    std::string_view rest = text.substr(19);
    if (rest.starts_with('.')) {
        rest.remove_prefix(std::min(rest.find_first_not_of("0123456789", 1), rest.size()));
    }
    const std::chrono::year_month_day date{
        std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
        std::chrono::day(static_cast<unsigned>(*day))
    };
    if (rest != "Z" || !date.ok() || *year < 1970 || *year > 2105 || *hour > 23 || *minute > 59 ||
        *second > 60) {
        return std::nullopt;
    }
    const std::chrono::seconds of_day(*hour * 3600 + *minute * 60 + *second);
    const auto at = std::chrono::sys_days(date).time_since_epoch() + of_day;
    return static_cast<std::uint32_t>(std::chrono::seconds(at).count());
}

}  // namespace phantom::intel
