#include "daemon/settings_value.h"

#include <charconv>
#include <optional>

#include <fmt/format.h>

namespace phantom::daemon {

namespace {

using policy::Value;

template <class T>
std::optional<T> whole(std::string_view text) {
    T number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(number)
                                                                    : std::nullopt;
}

std::string span_text(Duration duration) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(duration).count();
    return seconds % 3'600 == 0 ? fmt::format("{}h", seconds / 3'600) : fmt::format("{}s", seconds);
}

std::int64_t seconds_in(char unit) {
    switch (unit) {
        case 's':
            return 1;
        case 'm':
            return 60;
        case 'h':
            return 3'600;
        case 'd':
            return 86'400;
        default:
            return 0;
    }
}

}  // namespace

void refuse_setting(policy::Position at, std::string why) {
    throw policy::Problem{at, std::move(why)};
}

void refuse_key(const Value& member) {
    refuse_setting(member.key_at, fmt::format("there is no setting \"{}\"", member.key));
}

std::string text_setting(const Value& value) {
    if (value.kind != Value::Kind::kString || value.text.empty()) {
        refuse_setting(value.at, "a text \"...\" is needed");
    }
    return value.text;
}

bool bool_setting(const Value& value) {
    if (value.kind != Value::Kind::kOther || (value.text != "true" && value.text != "false")) {
        refuse_setting(value.at, "true or false is needed");
    }
    return value.text == "true";
}

double number_setting(const Value& value, double least, double most) {
    const auto number =
        value.kind == Value::Kind::kOther ? whole<double>(value.text) : std::nullopt;
    // Written so that what is no number is refused.
    if (!number || !(*number >= least && *number <= most)) {
        refuse_setting(value.at, fmt::format("a number from {} to {} is needed", least, most));
    }
    return *number;
}

std::size_t count_setting(const Value& value, std::size_t least, std::size_t most) {
    const auto number =
        value.kind == Value::Kind::kOther ? whole<std::size_t>(value.text) : std::nullopt;
    if (!number || *number < least || *number > most) {
        refuse_setting(
            value.at, fmt::format("a whole number from {} to {} is needed", least, most)
        );
    }
    return *number;
}

Duration duration_setting(const Value& value, Duration least, Duration most) {
    const std::string& text = value.text;
    if (value.kind == Value::Kind::kString && text.size() > 1 && text.size() < 10) {
        const auto count = whole<std::uint32_t>(std::string_view(text).substr(0, text.size() - 1));
        const std::int64_t unit = seconds_in(text.back());
        const Duration duration = std::chrono::seconds(count.value_or(0) * unit);
        if (count && unit != 0 && duration >= least && duration <= most) {
            return duration;
        }
    }
    refuse_setting(
        value.at, fmt::format(
                      "a time from {} to {} is needed: \"90s\", \"30m\", \"2h\"", span_text(least),
                      span_text(most)
                  )
    );
}

const std::vector<Value>& list_setting(const Value& value, std::size_t most) {
    if (value.kind != Value::Kind::kArray || value.items.size() > most) {
        refuse_setting(value.at, fmt::format("a list [...] of at most {} is needed", most));
    }
    return value.items;
}

const std::vector<Value>& object_setting(const Value& value) {
    if (value.kind != Value::Kind::kObject) {
        refuse_setting(value.at, "{...} is needed");
    }
    return value.items;
}

}  // namespace phantom::daemon
