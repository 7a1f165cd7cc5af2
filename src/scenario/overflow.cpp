#include "scenario/overflow.h"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

namespace phantom::scenario {

namespace {

// How many bytes the character that stands first has, by RFC 3629 section 4; 0 where it is none.
std::size_t character_size(std::string_view text) {
    const auto byte = [text](std::size_t at) -> unsigned {
        return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
    };
    const auto is_tail = [&](std::size_t at) { return (byte(at) & 0xC0U) == 0x80U; };
    const unsigned first = byte(0);
    if (first < 0x80) {
        return 1;
    }
    if (first >= 0xC2 && first <= 0xDF) {
        return is_tail(1) ? 2 : 0;
    }
    if (first >= 0xE0 && first <= 0xEF) {
        const bool is_short = first == 0xE0 && byte(1) < 0xA0;
        const bool is_surrogate = first == 0xED && byte(1) >= 0xA0;
        return is_tail(1) && is_tail(2) && !is_short && !is_surrogate ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        const bool is_short = first == 0xF0 && byte(1) < 0x90;
        const bool is_beyond = first == 0xF4 && byte(1) >= 0x90;
        return is_tail(1) && is_tail(2) && is_tail(3) && !is_short && !is_beyond ? 4 : 0;
    }
    return 0;
}

// C0 and C1 controls and DEL move a terminal's cursor or worse.
bool is_control(std::string_view character) {
    const auto first = static_cast<unsigned char>(character[0]);
    return first < 0x20 || first == 0x7F ||
           (first == 0xC2 && static_cast<unsigned char>(character[1]) < 0xA0);
}

// With `keeps_controls`, only what is no UTF-8 is replaced: JSON writes controls as escapes itself.
std::string cleaned(std::string_view text, bool keeps_controls) {
    std::string made;
    while (!text.empty()) {
        const std::size_t size = character_size(text);
        const bool is_shown = size != 0 && (keeps_controls || !is_control(text.substr(0, size)));
        if (is_shown) {
            made += text.substr(0, size);
        } else {
            for (const char each : text.substr(0, std::max<std::size_t>(size, 1))) {
                made += fmt::format("\\x{:02x}", static_cast<unsigned char>(each));
            }
        }
        text.remove_prefix(std::max<std::size_t>(size, 1));
    }
    return made;
}

Value clean_value(const Value& value) {
    if (value.is_string()) {
        return boost::json::string(cleaned(text_of(value), true));
    }
    if (const boost::json::array* list = value.if_array()) {
        boost::json::array made;
        for (const Value& each : *list) {
            made.push_back(clean_value(each));
        }
        return made;
    }
    if (const boost::json::object* map = value.if_object()) {
        boost::json::object made;
        for (const auto& each : *map) {
            made[cleaned(each.key(), true)] = clean_value(each.value());
        }
        return made;
    }
    return value;
}

Value source_value(const OverflowSource& source) {
    return boost::json::object{{"scope", source.scope}, {"value", source.value}};
}

}  // namespace

std::string Overflow::to_json() const {
    boost::json::array all;
    for (const OverflowSource& each : sources) {
        all.push_back(source_value(each));
    }
    boost::json::array told(events.begin(), events.end());
    const Value record = boost::json::object{
        {"schema", "phantom.scenario/1"},
        {"scenario", scenario},
        {"source", sources.empty() ? Value() : source_value(sources.front())},
        {"sources", std::move(all)},
        {"events_count", events_count},
        {"start_at", start_at},
        {"stop_at", stop_at},
        {"remediation", is_remediable},
        {"labels", labels},
        {"events", std::move(told)}
    };
    return boost::json::serialize(clean_value(record)) + "\n";
}

std::string event_json(const Value& event) {
    const Value record =
        boost::json::object{{"schema", "phantom.event/1"}, {"meta", event.get_object().at("Meta")}};
    return boost::json::serialize(clean_value(record)) + "\n";
}

std::string printable(std::string_view text) {
    return cleaned(text, false);
}

}  // namespace phantom::scenario
