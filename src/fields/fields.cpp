#include "fields/fields.h"

namespace phantom::fields {

namespace json = boost::json;

std::string text_at(const json::object& of, std::string_view key) {
    return std::string(word_at(of, key));
}

std::string_view word_at(const json::object& of, std::string_view key) {
    const json::value* value = of.if_contains(key);
    const json::string* text = value == nullptr ? nullptr : value->if_string();
    return text == nullptr ? std::string_view() : std::string_view(text->data(), text->size());
}

bool is_true(const json::object& of, std::string_view key) {
    const json::value* value = of.if_contains(key);
    return value != nullptr && value->is_bool() && value->get_bool();
}

std::int64_t number_at(const json::object& of, std::string_view key, std::int64_t otherwise) {
    const json::value* value = of.if_contains(key);
    if (value == nullptr) {
        return otherwise;
    }
    if (value->is_uint64() && value->get_uint64() <= INT64_MAX) {
        return static_cast<std::int64_t>(value->get_uint64());
    }
    return value->is_int64() ? value->get_int64() : otherwise;
}

std::uint64_t count_at(const json::object& of, std::string_view key) {
    const json::value* value = of.if_contains(key);
    if (value == nullptr) {
        return 0;
    }
    if (value->is_uint64()) {
        return value->get_uint64();
    }
    return value->is_int64() && value->get_int64() > 0
               ? static_cast<std::uint64_t>(value->get_int64())
               : 0;
}

double real_at(const json::object& of, std::string_view key) {
    const json::value* value = of.if_contains(key);
    return value != nullptr && value->is_number() ? value->to_number<double>() : 0;
}

const json::object& object_at(const json::object& of, std::string_view key) {
    static const json::object none;
    const json::value* value = of.if_contains(key);
    return value != nullptr && value->is_object() ? value->get_object() : none;
}

const json::array& list_at(const json::object& of, std::string_view key) {
    static const json::array none;
    const json::value* value = of.if_contains(key);
    return value != nullptr && value->is_array() ? value->get_array() : none;
}

}  // namespace phantom::fields
