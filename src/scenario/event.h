#pragma once

// A line and what is known of it, in the shape that expressions see: evt.Line.Raw, evt.Parsed.x,
// evt.Meta.x, evt.Enriched.x, evt.Unmarshaled.x, evt.StrTime, evt.Time ...

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenario/go_time.h"
#include "scenario/value.h"

namespace phantom::scenario {

inline constexpr std::size_t kLineSizeMax = 64U << 10U;
inline constexpr std::size_t kEventFieldsMax = 512;  // of each of its maps
inline constexpr std::size_t kUnmarshaledMax = 8;

// Where a line comes from.
struct Source {
    std::string path;
    std::string module = "file";
    std::string type;
    std::vector<std::pair<std::string, std::string>> labels;  // beside `type`
};

[[nodiscard]] Value new_event(std::string_view line, const Source& source);

enum class EventMap : std::uint8_t { kParsed, kMeta, kEnriched };

// "" where there is none.
[[nodiscard]] std::string_view event_text(const Value& event, EventMap map, std::string_view key);
// False where the map is full.
bool set_event_text(Value& event, EventMap map, std::string_view key, std::string_view text);

// As a static's target says it: "evt.Parsed.x", "evt.StrTime", "Line.Module" ...
[[nodiscard]] bool is_event_target(std::string_view target);
bool set_event_target(Value& event, std::string_view target, std::string_view text);
// The whole of what a grok is held against: "Line.Raw" or a parsed field. Nothing where there is none.
[[nodiscard]] std::optional<std::string> event_field(const Value& event, std::string_view name);

// What was there before. Nothing where there is no room.
[[nodiscard]] std::optional<Value> set_unmarshaled(Value& event, std::string_view key, Value value);

void set_event_time(Value& event, const Moment& moment);
[[nodiscard]] std::int64_t event_time(const Value& event);

}  // namespace phantom::scenario
