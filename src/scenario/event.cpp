#include "scenario/event.h"

#include <array>

namespace phantom::scenario {

namespace {

constexpr auto kEventMapNames = std::to_array<std::string_view>({"Parsed", "Meta", "Enriched"});
constexpr auto kEventTexts =
    std::to_array<std::string_view>({"StrTime", "StrTimeFormat", "MarshaledTime"});

boost::json::object& part_of(Value& event, std::string_view name) {
    return event.get_object().at(name).get_object();
}
const boost::json::object& part_of(const Value& event, std::string_view name) {
    return event.get_object().at(name).get_object();
}

boost::json::object& part_of_line(boost::json::object& event, std::string_view name) {
    return event.at("Line").get_object().at(name).get_object();
}

std::string_view without_evt(std::string_view target) {
    return target.substr(target.starts_with("evt.") ? 4 : 0);
}

std::optional<EventMap> map_called(std::string_view name) {
    for (std::size_t index = 0; index < kEventMapNames.size(); ++index) {
        if (kEventMapNames[index] == name) {
            return static_cast<EventMap>(index);
        }
    }
    return std::nullopt;
}

}  // namespace

Value new_event(std::string_view line, const Source& source) {
    boost::json::object unmarshaled;
    unmarshaled.reserve(kUnmarshaledMax);  // see set_unmarshaled()
    boost::json::object event{
        {"Line",
         boost::json::object{
             {"Raw", line},
             {"Src", source.path},
             {"Module", source.module},
             {"Labels", boost::json::object{{"type", source.type}}}
         }},
        {"Type", "log"},
        {"Parsed", boost::json::object()},
        {"Meta", boost::json::object()},
        {"Enriched", boost::json::object()},
        {"StrTime", ""},
        {"StrTimeFormat", ""},
        {"MarshaledTime", ""},
        {"Stage", ""},
        {"Time", std::int64_t{0}},
        {"Overflow", nullptr}
    };
    for (const auto& [name, value] : source.labels) {
        part_of_line(event, "Labels")[name] = value;
    }
    event["Unmarshaled"] = std::move(unmarshaled);
    return event;
}

std::string_view event_text(const Value& event, EventMap map, std::string_view key) {
    const Value* found =
        part_of(event, kEventMapNames[static_cast<std::size_t>(map)]).if_contains(key);
    return found != nullptr ? text_of(*found) : std::string_view();
}

bool set_event_text(Value& event, EventMap map, std::string_view key, std::string_view text) {
    boost::json::object& fields = part_of(event, kEventMapNames[static_cast<std::size_t>(map)]);
    if (fields.size() >= kEventFieldsMax && !fields.contains(key)) {
        return false;
    }
    fields[key] = text;
    return true;
}

bool is_event_target(std::string_view target) {
    const std::string_view name = without_evt(target);
    const std::size_t dot = name.find('.');
    if (dot == std::string_view::npos) {
        return std::ranges::find(kEventTexts, name) != kEventTexts.end();
    }
    return map_called(name.substr(0, dot)).has_value() || name == "Line.Module";
}

bool set_event_target(Value& event, std::string_view target, std::string_view text) {
    if (!is_event_target(target)) {
        return false;
    }
    const std::string_view name = without_evt(target);
    const std::size_t dot = name.find('.');
    if (dot == std::string_view::npos) {
        event.get_object()[name] = text;
        return true;
    }
    if (const auto map = map_called(name.substr(0, dot))) {
        return set_event_text(event, *map, name.substr(dot + 1), text);
    }
    part_of(event, "Line")["Module"] = text;
    return true;
}

std::optional<std::string> event_field(const Value& event, std::string_view name) {
    if (name == "Line.Raw") {
        return std::string(text_of(part_of(event, "Line").at("Raw")));
    }
    const Value* found = part_of(event, "Parsed").if_contains(name);
    return found != nullptr ? std::optional(std::string(text_of(*found))) : std::nullopt;
}

std::optional<Value> set_unmarshaled(Value& event, std::string_view key, Value value) {
    // An expression may hold what it has read of these values while it replaces one: the places never
    // move, since room for all of them was made at first, and what stood in a place is handed out.
    boost::json::object& all = part_of(event, "Unmarshaled");
    if (Value* known = all.if_contains(key)) {
        return std::exchange(*known, std::move(value));
    }
    if (all.size() >= kUnmarshaledMax) {
        return std::nullopt;
    }
    all.emplace(key, std::move(value));
    return Value();
}

void set_event_time(Value& event, const Moment& moment) {
    event.get_object()["Time"] = moment.ns;
    event.get_object()["MarshaledTime"] = moment.to_string();
}

std::int64_t event_time(const Value& event) {
    const Value* time = event.get_object().if_contains("Time");
    return time != nullptr && time->is_int64() ? time->get_int64() : 0;
}

}  // namespace phantom::scenario
