#include "alert/alert_json.h"

#include <charconv>
#include <chrono>
#include <optional>

#include <fmt/format.h>

#include "alert/json_request.h"
#include "alert/message_text.h"

namespace phantom::alert {

namespace {

namespace json = boost::json;
using NoAlert = std::unexpected<std::string>;

std::optional<int> digits_at(std::string_view text, std::size_t at, std::size_t count) {
    if (text.size() < at + count) {
        return std::nullopt;
    }
    int number = 0;
    for (const char digit : text.substr(at, count)) {
        if (digit < '0' || digit > '9') {
            return std::nullopt;
        }
        number = number * 10 + (digit - '0');
    }
    return number;
}

// ".123" in nanoseconds; taken off `rest`.
std::int64_t take_fraction(std::string_view& rest) {
    std::int64_t ns = 0;
    if (!rest.starts_with('.')) {
        return ns;
    }
    rest.remove_prefix(1);
    std::int64_t unit = 100'000'000;
    while (!rest.empty() && rest.front() >= '0' && rest.front() <= '9') {
        ns += unit * (rest.front() - '0');
        unit /= 10;
        rest.remove_prefix(1);
    }
    return ns;
}

// "Z", "+02:00".
std::optional<std::chrono::minutes> offset_of(std::string_view text) {
    if (text == "Z" || text == "z") {
        return std::chrono::minutes(0);
    }
    const auto hours = digits_at(text, 1, 2);
    const auto minutes = digits_at(text, 4, 2);
    const bool has_form = text.size() == 6 && (text[0] == '+' || text[0] == '-') && text[3] == ':';
    if (!has_form || !hours || !minutes || *hours > 23 || *minutes > 59) {
        return std::nullopt;
    }
    const std::chrono::minutes offset(*hours * 60 + *minutes);
    return text[0] == '-' ? -offset : offset;
}

std::expected<std::vector<Label>, std::string> labels_in(
    const json::object& object, std::string_view key
) {
    std::vector<Label> labels;
    const json::value* const value = object.if_contains(key);
    if (value == nullptr) {
        return labels;
    }
    if (!value->is_object()) {
        return NoAlert(fmt::format("'{}' is not an object", key));
    }
    for (const auto& [name, text] : value->get_object()) {
        if (!text.is_string()) {
            return NoAlert(fmt::format("a value of '{}' is not a text", key));
        }
        labels.emplace_back(name, text.get_string());
    }
    return labels;
}

std::expected<WallTime, std::string> time_in(
    const json::object& object, std::string_view key, WallTime otherwise
) {
    const json::value* const value = object.if_contains(key);
    if (value == nullptr) {
        return otherwise;
    }
    if (!value->is_string()) {
        return NoAlert(fmt::format("'{}' is not a text", key));
    }
    return parse_rfc3339(value->get_string());
}

// The label says it, and make_alert() puts it back.
std::expected<Priority, std::string> take_priority(std::vector<Label>& labels) {
    Priority priority = Priority::kP3;
    for (const auto& [name, value] : labels) {
        if (name == "priority") {
            const auto parsed = parse_priority(value);
            if (!parsed) {
                return NoAlert(parsed.error().what());
            }
            priority = *parsed;
        }
    }
    std::erase_if(labels, [](const Label& label) { return label.first == "priority"; });
    return priority;
}

}  // namespace

std::expected<WallTime, std::string> parse_rfc3339(std::string_view text) {
    const auto year = digits_at(text, 0, 4);
    const auto month = digits_at(text, 5, 2);
    const auto day = digits_at(text, 8, 2);
    const auto hour = digits_at(text, 11, 2);
    const auto minute = digits_at(text, 14, 2);
    const auto second = digits_at(text, 17, 2);
    const NoAlert refused("not a time of RFC 3339, as 2026-11-22T20:15:00Z");
    if (!year || !month || !day || !hour || !minute || !second || text[4] != '-' ||
        text[7] != '-' || (text[10] != 'T' && text[10] != 't' && text[10] != ' ') ||
        text[13] != ':' || text[16] != ':') {
        return refused;
    }
    std::string_view rest = text.substr(19);
    const std::int64_t fraction_ns = take_fraction(rest);
    const auto offset = offset_of(rest);
    const std::chrono::year_month_day date{
        std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
        std::chrono::day(static_cast<unsigned>(*day))
    };
    // Years that nanoseconds of 64 bits can count.
    const bool is_counted = *year >= 1678 && *year <= 2261;
    if (!offset || !date.ok() || !is_counted || *hour > 23 || *minute > 59 || *second > 60) {
        return refused;
    }
    const std::chrono::seconds of_day(*hour * 3600 + *minute * 60 + *second);
    const auto at = std::chrono::sys_days(date).time_since_epoch() + of_day - *offset;
    return WallTime{std::chrono::nanoseconds(at).count() + fraction_ns};
}

std::expected<Alert, std::string> parse_alert(std::string_view text, WallTime now) {
    if (text.size() > kAlertJsonSizeMax) {
        return NoAlert(fmt::format("longer than {} bytes", kAlertJsonSizeMax));
    }
    json::error_code error;
    const json::value value = json::parse({text.data(), text.size()}, error);
    if (error || !value.is_object()) {
        return NoAlert("not a JSON object");
    }
    const json::object& object = value.get_object();
    auto labels = labels_in(object, "labels");
    if (!labels) {
        return NoAlert(labels.error());
    }
    auto annotations = labels_in(object, "annotations");
    if (!annotations) {
        return NoAlert(annotations.error());
    }
    const auto priority = take_priority(*labels);
    if (!priority) {
        return NoAlert(priority.error());
    }
    const auto starts_at = time_in(object, "startsAt", now);
    const auto ends_at = time_in(object, "endsAt", {});
    if (!starts_at || !ends_at) {
        return NoAlert(starts_at ? ends_at.error() : starts_at.error());
    }
    auto made = make_alert(
        {.labels = std::move(*labels),
         .annotations = std::move(*annotations),
         .priority = *priority,
         .starts_at = *starts_at,
         .ends_at = *ends_at}
    );
    if (!made) {
        return NoAlert(made.error().message());
    }
    return std::move(*made);
}

}  // namespace phantom::alert
