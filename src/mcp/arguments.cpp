#include "mcp/arguments.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/assert.h"

namespace phantom::mcp {

namespace {

namespace json = boost::json;

bool is_of(std::string_view type, const json::value& value) {
    if (type == "string") {
        return value.is_string();
    }
    if (type == "boolean") {
        return value.is_bool();
    }
    PM_ASSERT(type == "integer");
    return value.is_int64() || value.is_uint64();
}

std::optional<std::string> fault_of_number(
    const std::string& name, const json::object& schema, const json::value& value
) {
    // A number that does not fit is above every maximum, and each of ours has one.
    const std::int64_t number = value.is_int64() ? value.get_int64() : INT64_MAX;
    const std::int64_t least = schema.at("minimum").to_number<std::int64_t>();
    const std::int64_t most = schema.at("maximum").to_number<std::int64_t>();
    if (number < least || number > most) {
        return fmt::format("'{}' is {} to {}", name, least, most);
    }
    return std::nullopt;
}

std::optional<std::string> fault_of_text(
    const std::string& name, const json::object& schema, const json::string& text
) {
    if (const json::value* choices = schema.if_contains("enum")) {
        const json::array& all = choices->as_array();
        if (std::ranges::find(all, json::value(text)) == all.end()) {
            return fmt::format("'{}' is one of {}", name, json::serialize(all));
        }
        return std::nullopt;
    }
    const auto most = schema.at("maxLength").to_number<std::size_t>();
    if (text.empty() || text.size() > most) {
        return fmt::format("'{}' has 1 to {} characters", name, most);
    }
    return std::nullopt;
}

std::optional<std::string> fault_of_value(
    const std::string& name, const json::object& schema, const json::value& value
) {
    const std::string_view type = schema.at("type").as_string();
    if (!is_of(type, value)) {
        return fmt::format("'{}' is to be of the type {}", name, type);
    }
    if (type == "integer") {
        return fault_of_number(name, schema, value);
    }
    return type == "string" ? fault_of_text(name, schema, value.get_string()) : std::nullopt;
}

}  // namespace

std::optional<std::string> fault_of(const json::object& schema, const json::object& given) {
    const json::object& known = schema.at("properties").as_object();
    for (const auto& [name, value] : given) {
        const json::value* own = known.if_contains(name);
        if (own == nullptr) {
            return fmt::format("there is no argument '{}'", std::string_view(name).substr(0, 64));
        }
        if (auto fault = fault_of_value(std::string(name), own->as_object(), value)) {
            return fault;
        }
    }
    if (const json::value* required = schema.if_contains("required")) {
        for (const json::value& name : required->as_array()) {
            if (!given.contains(name.as_string())) {
                return fmt::format("'{}' is missing", std::string_view(name.as_string()));
            }
        }
    }
    return std::nullopt;
}

}  // namespace phantom::mcp
