#pragma once

// An incident as JSON: what is written to the disk, and what `phantom incidents N --json` shows.

#include <boost/json.hpp>

#include "incident/incident.h"

namespace phantom::incident {

inline constexpr const char* kIncidentSchema = "phantom.incident/1";

// RFC 3339 with milliseconds, UTC; "" for zero.
[[nodiscard]] std::string time_text(WallTime time);

[[nodiscard]] boost::json::object to_json(const Incident& incident);
// kBadRecord for anything that to_json() would not have written.
[[nodiscard]] Result<Incident> from_json(const boost::json::value& value);
[[nodiscard]] Result<Incident> parse_incident(std::string_view text);

}  // namespace phantom::incident
