#include "playbook/fields.h"

#include <algorithm>

#include <fmt/format.h>

#include "playbook/identifiers.h"

namespace phantom::playbook {

namespace {

constexpr std::size_t kShownKeyMax = 80;

// As JSON paths write it; keys come from outside.
std::string member_path(const std::string& path, std::string_view key) {
    const bool is_word = !key.empty() && std::ranges::all_of(key, [](char each) {
        return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') || each == '_';
    });
    if (is_word) {
        return path + "." + std::string(key.substr(0, kShownKeyMax));
    }
    std::string clean;
    for (const char each : key.substr(0, kShownKeyMax)) {
        clean += each < 0x20 || each > 0x7e || each == '\'' ? '?' : each;
    }
    return path + "['" + clean + "']";
}

}  // namespace

const boost::json::object& Field::object() const {
    return value_.is_object() ? value_.get_object()
                              : (refuse(path_, "an object is needed"), value_.get_object());
}

std::string Field::text() const {
    if (!value_.is_string()) {
        refuse(path_, "a text is needed");
    }
    return std::string(value_.get_string());
}

std::string Field::some_text() const {
    std::string said = text();
    if (said.empty()) {
        refuse(path_, "it is empty");
    }
    return said;
}

std::string Field::identifier() const {
    std::string said = text();
    if (!is_identifier(said)) {
        refuse(path_, "an identifier is needed: a type, '--' and a UUID");
    }
    return said;
}

std::string Field::timestamp() const {
    std::string said = text();
    if (!is_timestamp(said)) {
        refuse(path_, "a time is needed, as 2026-01-31T12:00:00.000Z");
    }
    return said;
}

bool Field::boolean() const {
    if (!value_.is_bool()) {
        refuse(path_, "true or false is needed");
    }
    return value_.get_bool();
}

std::int64_t Field::integer(std::int64_t least, std::int64_t most) const {
    boost::system::error_code error;
    const auto number = value_.to_number<std::int64_t>(error);
    if (error || value_.is_double() || number < least || number > most) {
        refuse(path_, fmt::format("a whole number from {} to {} is needed", least, most));
    }
    return number;
}

std::vector<Field> Field::list(std::size_t least, std::size_t most) const {
    if (!value_.is_array()) {
        refuse(path_, "a list is needed");
    }
    const boost::json::array& array = value_.get_array();
    if (array.size() < least || array.size() > most) {
        refuse(path_, fmt::format("{} to {} are needed, {} are there", least, most, array.size()));
    }
    std::vector<Field> fields;
    fields.reserve(array.size());
    for (std::size_t index = 0; index < array.size(); ++index) {
        fields.emplace_back(array[index], fmt::format("{}[{}]", path_, index));
    }
    return fields;
}

std::vector<std::string> Field::texts(std::size_t least) const {
    std::vector<std::string> texts;
    for (const Field& each : list(least, kStepsMax)) {
        texts.push_back(each.text());
    }
    return texts;
}

std::vector<std::string> Field::identifiers(std::size_t least) const {
    std::vector<std::string> texts;
    for (const Field& each : list(least, kStepsMax)) {
        texts.push_back(each.identifier());
    }
    return texts;
}

std::vector<std::pair<std::string, Field>> Field::members() const {
    std::vector<std::pair<std::string, Field>> members;
    for (const auto& member : object()) {
        members.emplace_back(
            std::string(member.key()), Field(member.value(), member_path(path_, member.key()))
        );
    }
    return members;
}

Field Field::at(std::string_view key) const {
    const boost::json::value* value = object().if_contains(key);
    if (value == nullptr) {
        refuse(path_, fmt::format("'{}' is missing", key));
    }
    return {*value, member_path(path_, key)};
}

void Field::only(std::span<const std::string_view> keys, std::span<const std::string_view> more)
    const {
    for (const auto& member : object()) {
        const std::string_view key = member.key();
        if (std::ranges::find(keys, key) == keys.end() &&
            std::ranges::find(more, key) == more.end()) {
            refuse(member_path(path_, key), "there is no such property");
        }
    }
}

}  // namespace phantom::playbook
