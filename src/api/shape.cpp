#include "api/shape.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace phantom::api {

namespace {

namespace json = boost::json;
using Kind = Type::Kind;

class Checker {
  public:
    explicit Checker(const Shapes& shapes) : shapes_(shapes) {}

    void check(
        const Type& type, const json::value& value, const std::string& at, std::size_t depth
    ) {
        if (faults_.size() >= kFaultsMax || (value.is_null() && type.may_be_null)) {
            return;
        }
        if (depth == kShapeDepthMax) {
            add(at, "is too deep");
            return;
        }
        switch (type.kind) {
            case Kind::kAny:
                return;
            case Kind::kBool:
                require(value.is_bool(), at, "has to be true or false");
                return;
            case Kind::kInteger:
                check_integer(type, value, at);
                return;
            case Kind::kNumber:
                require(value.is_number(), at, "has to be a number");
                return;
            case Kind::kString:
            case Kind::kTime:
            case Kind::kChoice:
                check_text(type, value, at);
                return;
            case Kind::kList:
                check_list(type, value, at, depth);
                return;
            case Kind::kMap:
                check_map(type, value, at, depth);
                return;
            case Kind::kNamed:
                check(*shapes_.find(type.name), value, at, depth);
                return;
        }
    }

    void check(
        const Shape& shape, const json::value& value, const std::string& at, std::size_t depth
    ) {
        if (!value.is_object()) {
            add(at, "has to be an object");
            return;
        }
        const json::object& object = value.get_object();
        for (const Field& field : shape.fields) {
            const json::value* found = object.if_contains(field.name);
            const std::string place = fmt::format("{}/{}", at, field.name);
            if (found != nullptr) {
                check(field.type, *found, place, depth + 1);
            } else if (!field.is_optional) {
                add(place, "is missing");
            }
        }
        for (const auto& member : object) {
            if (shape.find({member.key().data(), member.key().size()}) == nullptr) {
                add(at + "/" + escaped(member.key()), "is not known");
            }
        }
    }

    [[nodiscard]] std::vector<Fault> take() { return std::move(faults_); }

  private:
    // RFC 6901 section 3; no more of a name than a log can bear.
    static std::string escaped(std::string_view name) {
        constexpr std::size_t kShownMax = 64;
        std::string out;
        for (const char each : name.substr(0, kShownMax)) {
            if (each == '~' || each == '/') {
                out += each == '~' ? "~0" : "~1";
            } else {
                out.push_back(each);
            }
        }
        return out;
    }
    void add(const std::string& at, std::string detail) {
        if (faults_.size() < kFaultsMax) {
            faults_.push_back({at, std::move(detail)});
        }
    }
    void require(bool holds, const std::string& at, const char* detail) {
        if (!holds) {
            add(at, detail);
        }
    }
    void check_integer(const Type& type, const json::value& value, const std::string& at) {
        boost::system::error_code bad;
        const bool is_whole = value.is_int64() || value.is_uint64();
        const auto number = is_whole ? value.to_number<std::int64_t>(bad) : 0;
        if (!is_whole || bad) {
            add(at, "has to be a whole number");
        } else if (number < type.least || number > type.most) {
            add(at, range_text(type, "has to be", ""));
        }
    }
    void check_text(const Type& type, const json::value& value, const std::string& at) {
        if (!value.is_string()) {
            add(at, "has to be a text");
            return;
        }
        const std::string_view text(value.get_string());
        const auto size = static_cast<std::int64_t>(text.size());
        if (type.kind == Kind::kChoice &&
            std::ranges::find(type.choices, text) == type.choices.end()) {
            add(at, fmt::format("has to be one of {}", fmt::join(type.choices, ", ")));
        } else if (type.kind == Kind::kString && (size < type.least || size > type.most)) {
            add(at, range_text(type, "has to have", " bytes"));
        }
    }
    void check_list(
        const Type& type, const json::value& value, const std::string& at, std::size_t depth
    ) {
        if (!value.is_array()) {
            add(at, "has to be a list");
            return;
        }
        const json::array& list = value.get_array();
        const auto size = static_cast<std::int64_t>(list.size());
        if (size < type.least || size > type.most) {
            add(at, range_text(type, "has to have", " elements"));
            return;
        }
        for (std::size_t index = 0; index < list.size() && faults_.size() < kFaultsMax; ++index) {
            check(*type.of, list[index], fmt::format("{}/{}", at, index), depth + 1);
        }
    }
    void check_map(
        const Type& type, const json::value& value, const std::string& at, std::size_t depth
    ) {
        if (!value.is_object()) {
            add(at, "has to be an object");
            return;
        }
        for (const auto& member : value.get_object()) {
            check(*type.of, member.value(), at + "/" + escaped(member.key()), depth + 1);
        }
    }
    static std::string range_text(const Type& type, const char* verb, const char* unit) {
        const bool has_most = type.most != std::numeric_limits<std::int64_t>::max();
        const bool has_least = type.least != std::numeric_limits<std::int64_t>::min();
        if (has_least && has_most) {
            return fmt::format("{} {} to {}{}", verb, type.least, type.most, unit);
        }
        return has_most ? fmt::format("{} at most {}{}", verb, type.most, unit)
                        : fmt::format("{} at least {}{}", verb, type.least, unit);
    }

    const Shapes& shapes_;
    std::vector<Fault> faults_;
};

void add_bounds(const Type& type, const char* least, const char* most, json::object& schema) {
    if (type.least != std::numeric_limits<std::int64_t>::min()) {
        schema[least] = type.least;
    }
    if (type.most != std::numeric_limits<std::int64_t>::max()) {
        schema[most] = type.most;
    }
}

json::object plain_schema(const Type& type) {
    json::object schema;
    switch (type.kind) {
        case Kind::kAny:
            break;
        case Kind::kBool:
            schema["type"] = "boolean";
            break;
        case Kind::kInteger:
            schema["type"] = "integer";
            add_bounds(type, "minimum", "maximum", schema);
            break;
        case Kind::kNumber:
            schema["type"] = "number";
            break;
        case Kind::kString:
            schema["type"] = "string";
            add_bounds(type, "minLength", "maxLength", schema);
            break;
        case Kind::kTime:
            schema["type"] = "string";
            schema["pattern"] = R"(^([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,18}Z)?$)";
            break;
        case Kind::kChoice:
            schema["type"] = "string";
            schema["enum"] = json::array(type.choices.begin(), type.choices.end());
            break;
        case Kind::kList:
            schema["type"] = "array";
            schema["items"] = Shapes::schema_of(*type.of);
            add_bounds(type, "minItems", "maxItems", schema);
            break;
        case Kind::kMap:
            schema["type"] = "object";
            schema["additionalProperties"] = Shapes::schema_of(*type.of);
            break;
        case Kind::kNamed:
            schema["$ref"] = "#/components/schemas/" + type.name;
            break;
    }
    return schema;
}

}  // namespace

const Field* Shape::find(std::string_view field) const {
    const auto found = std::ranges::find(fields, field, &Field::name);
    return found == fields.end() ? nullptr : &*found;
}

const Shape* Shapes::find(std::string_view name) const {
    const auto found = shapes_.find(name);
    return found == shapes_.end() ? nullptr : &found->second;
}

std::vector<Fault> Shapes::check(const Shape& shape, const json::value& value) const {
    Checker checker(*this);
    checker.check(shape, value, "", 0);
    return checker.take();
}

json::object Shapes::schema_of(const Type& type) {
    json::object schema = plain_schema(type);
    if (!type.may_be_null || type.kind == Kind::kAny) {
        return schema;
    }
    return {{"anyOf", json::array{std::move(schema), json::object{{"type", "null"}}}}};
}

json::object Shapes::schema_of(const Shape& shape) {
    json::object properties;
    json::array required;
    for (const Field& field : shape.fields) {
        json::object schema = schema_of(field.type);
        if (!field.does.empty()) {
            schema["description"] = field.does;
        }
        properties[field.name] = std::move(schema);
        if (!field.is_optional) {
            required.emplace_back(field.name);
        }
    }
    json::object schema{{"type", "object"}, {"properties", std::move(properties)}};
    if (!required.empty()) {
        schema["required"] = std::move(required);
    }
    if (!shape.does.empty()) {
        schema["description"] = shape.does;
    }
    return schema;
}

json::value value_of_text(const Type& type, std::string_view text) {
    if (type.kind == Kind::kBool) {
        return text == "true" ? json::value(true)
                              : (text == "false" ? json::value(false) : json::value(nullptr));
    }
    if (type.kind != Kind::kInteger) {
        return json::string(text);
    }
    std::int64_t number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem != std::errc{} || end != text.data() + text.size()) {
        return nullptr;
    }
    return number;
}

}  // namespace phantom::api
