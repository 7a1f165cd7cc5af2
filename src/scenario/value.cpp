#include "scenario/value.h"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

namespace phantom::scenario {

std::string_view text_of(const Value& value) {
    const boost::json::string* text = value.if_string();
    return text != nullptr ? std::string_view(text->data(), text->size()) : std::string_view();
}

bool are_equal(const Value& left, const Value& right) {
    if (left.is_double() && right.is_int64()) {
        return left.get_double() == static_cast<double>(right.get_int64());
    }
    if (left.is_int64() && right.is_double()) {
        return static_cast<double>(left.get_int64()) == right.get_double();
    }
    return left == right;
}

std::optional<std::string> written(const Value& value) {
    switch (value.kind()) {
        case boost::json::kind::string:
            return std::string(text_of(value));
        case boost::json::kind::int64:
            return fmt::format("{}", value.get_int64());
        case boost::json::kind::uint64:
            return fmt::format("{}", value.get_uint64());
        case boost::json::kind::double_:
            return fmt::format("{:f}", value.get_double());
        default:
            return std::nullopt;
    }
}

std::string formatted(const Value& value) {
    switch (value.kind()) {
        case boost::json::kind::string:
            return std::string(text_of(value));
        case boost::json::kind::double_:
            return fmt::format("{:g}", value.get_double());
        case boost::json::kind::null:
            return "<nil>";
        default:
            return boost::json::serialize(value);
    }
}

}  // namespace phantom::scenario
