#pragma once

// What a scenario says when it has seen enough.

#include <cstdint>
#include <string>
#include <vector>

#include "scenario/value.h"

namespace phantom::scenario {

// Of one overflow, as many events are told.
inline constexpr std::size_t kEventsToldMax = 50;

struct OverflowSource {
    std::string scope;  // "Ip", or what the scenario calls it
    std::string value;

    friend bool operator==(const OverflowSource&, const OverflowSource&) = default;
};

struct Overflow {
    std::string scenario;
    std::string description;
    std::vector<OverflowSource> sources;  // at least one
    std::uint64_t events_count = 0;
    std::string start_at;
    std::string stop_at;
    Value labels;
    std::vector<Value> events;    // the evt.Meta of each, the newest last
    bool is_remediable = false;   // the scenario asks for a response
    bool is_reprocessed = false;  // other scenarios are to hear of it

    // One line, "phantom.scenario/1". Bytes that are no UTF-8 are replaced.
    [[nodiscard]] std::string to_json() const;
};

// One line, "phantom.event/1": the evt.Meta of an event.
[[nodiscard]] std::string event_json(const Value& event);

// For a terminal or a reader of UTF-8: what is not printable, or no UTF-8, as \xNN.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace phantom::scenario
