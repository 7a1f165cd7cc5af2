// Functions of texts that have a structure: JSON (RFC 8259), pairs of keys and values, XML.

#include <array>
#include <charconv>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "scenario/errors.h"
#include "scenario/event.h"
#include "scenario/functions.h"
#include "scenario/xml.h"

namespace phantom::scenario {

namespace {

constexpr std::size_t kPairsMax = 512;

std::optional<Value> json_of(std::string_view text) {
    boost::system::error_code error;
    Value value = boost::json::parse(text, error);
    return error ? std::nullopt : std::optional(std::move(value));
}

// "a.b.[0].c"; null where it leads nowhere.
const Value* walk_json(const Value& root, std::string_view path) {
    const Value* at = &root;
    while (!path.empty()) {
        const std::size_t end = std::min(path.find('.'), path.size());
        const std::string_view step = path.substr(0, end);
        path.remove_prefix(std::min(end + 1, path.size()));
        if (const boost::json::object* map = at->if_object()) {
            at = map->if_contains(step);
        } else if (const boost::json::array* list = at->if_array()) {
            std::size_t index = 0;
            const bool is_index =
                step.starts_with('[') && step.ends_with(']') &&
                std::from_chars(step.begin() + 1, step.end() - 1, index).ec == std::errc{};
            at = is_index && index < list->size() ? &(*list)[index] : nullptr;
        } else {
            return nullptr;
        }
        if (at == nullptr) {
            return nullptr;
        }
    }
    return at;
}

// "" where the text is no JSON or has nothing there. Texts come as they are written, with their escapes,
// unless asked for otherwise.
template <bool Unescaped>
Result<Value> json_extract(CallScope& /*scope*/, Arguments arguments) {
    const auto root = json_of(text_of(*arguments[0]));
    const Value* found = root ? walk_json(*root, text_of(*arguments[1])) : nullptr;
    if (found == nullptr || found->is_null()) {
        return Value("");
    }
    if (Unescaped && found->is_string()) {
        return *found;
    }
    const std::string written_out = boost::json::serialize(*found);
    return Value(
        found->is_string() ? std::string_view(written_out).substr(1, written_out.size() - 2)
                           : std::string_view(written_out)
    );
}

// What a map or a list has; nothing where it has none of it.
Result<Value> get(CallScope& /*scope*/, Arguments arguments) {
    const Value* found = nullptr;
    if (const boost::json::object* map = arguments[0]->if_object()) {
        found = map->if_contains(text_of(*arguments[1]));
    } else if (const boost::json::array* list = arguments[0]->if_array()) {
        const std::int64_t index = arguments[1]->is_int64() ? arguments[1]->get_int64() : -1;
        found = index >= 0 ? list->if_contains(static_cast<std::size_t>(index)) : nullptr;
    }
    return found != nullptr ? *found : Value(nullptr);
}

Result<Value> to_json(CallScope& /*scope*/, Arguments arguments) {
    return Value(boost::json::serialize(*arguments[0]));
}

// What is unmarshaled goes into evt.Unmarshaled, whatever the second argument says.
Result<Value> keep_unmarshaled(CallScope& scope, Arguments arguments, Value value) {
    if (scope.event == nullptr || !arguments[2]->is_string()) {
        return fail(ExpressionError::kWrongType);
    }
    auto old = set_unmarshaled(*scope.event, text_of(*arguments[2]), std::move(value));
    if (!old) {
        return fail(ExpressionError::kTooMuchWork);
    }
    scope.replaced->push_back(std::move(*old));
    return Value(nullptr);
}

Result<Value> unmarshal_json(CallScope& scope, Arguments arguments) {
    auto value = json_of(text_of(*arguments[0]));
    if (!value) {
        return fail(ExpressionError::kBadText);
    }
    return keep_unmarshaled(scope, arguments, std::move(*value));
}

bool is_blank(char each) {
    return each == ' ' || each == '\t' || each == '\n' || each == '\r';
}

// A value in quotes, with \" inside it; the text begins with its quote. Nothing where it does not end.
std::optional<std::string_view> take_quoted(std::string_view& text) {
    for (std::size_t at = 1; at < text.size(); ++at) {
        if (text[at] == '\\') {
            ++at;
        } else if (text[at] == '"') {
            const std::string_view value = text.substr(1, at - 1);
            text.remove_prefix(at + 1);
            return value;
        }
    }
    return std::nullopt;
}

struct KeyPlace {
    std::size_t begin;
    std::size_t equals;
};

// Where the next "key=" stands; a key has no blank in it.
std::optional<KeyPlace> next_key(std::string_view text) {
    std::size_t from = 0;
    while (true) {
        const std::size_t equals = text.find('=', from);
        if (equals == std::string_view::npos) {
            return std::nullopt;
        }
        std::size_t begin = equals;
        while (begin > from && !is_blank(text[begin - 1])) {
            --begin;
        }
        if (begin != equals) {
            return KeyPlace{begin, equals};
        }
        from = equals + 1;
    }
}

// key=value key="a value" key=
boost::json::object key_values(std::string_view text, bool values_have_blanks) {
    boost::json::object pairs;
    while (pairs.size() < kPairsMax) {
        const auto key = next_key(text);
        if (!key) {
            break;
        }
        const std::string_view name = text.substr(key->begin, key->equals - key->begin);
        text.remove_prefix(key->equals + 1);
        if (text.starts_with('"')) {
            if (const auto quoted = take_quoted(text)) {
                pairs[name] = *quoted;
                continue;
            }
        }
        std::size_t end = 0;
        while (end < text.size() && !is_blank(text[end]) && text[end] != '=') {
            ++end;
        }
        if (values_have_blanks) {
            const auto following = next_key(text);
            end = following ? following->begin : text.size();
            while (end > 0 && is_blank(text[end - 1])) {
                --end;
            }
        }
        pairs[name] = text.substr(0, end);
        text.remove_prefix(end);
    }
    return pairs;
}

template <bool ValuesHaveBlanks>
Result<Value> parse_pairs(CallScope& scope, Arguments arguments) {
    boost::json::object pairs = key_values(text_of(*arguments[0]), ValuesHaveBlanks);
    if (pairs.empty()) {
        return fail(ExpressionError::kBadText);
    }
    return keep_unmarshaled(scope, arguments, std::move(pairs));
}

Result<Value> xml_node(CallScope& /*scope*/, Arguments arguments) {
    return Value(xml_text(text_of(*arguments[0]), text_of(*arguments[1])).value_or(""));
}

Result<Value> xml_node_attribute(CallScope& /*scope*/, Arguments arguments) {
    return Value(
        xml_attribute(text_of(*arguments[0]), text_of(*arguments[1]), text_of(*arguments[2]))
            .value_or("")
    );
}

constexpr auto kStructureFunctions = std::to_array<Function>({
    {"JsonExtract", 2, 2, json_extract<false>},
    {"JsonExtractUnescape", 2, 2, json_extract<true>},
    {"get", 2, 2, get},
    {"ToJsonString", 1, 1, to_json},
    {"toJSON", 1, 1, to_json},
    {"UnmarshalJSON", 3, 3, unmarshal_json},
    {"ParseKV", 3, 3, parse_pairs<false>},
    {"ParseKVLax", 3, 3, parse_pairs<true>},
    {"XMLGetNodeValue", 2, 2, xml_node},
    {"XMLGetAttributeValue", 3, 3, xml_node_attribute},
});

}  // namespace

std::span<const Function> structure_functions() {
    return kStructureFunctions;
}

}  // namespace phantom::scenario
