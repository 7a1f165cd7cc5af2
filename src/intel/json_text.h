#pragma once

// JSON documents of feeds, as Boost reads them. Inside this component only.

#include <string>
#include <string_view>

#include <boost/json.hpp>

#include "intel/indicator.h"

namespace phantom::intel {

// The document, in memory that goes with it at once. A fault has the line.
[[nodiscard]] OrFault<boost::json::value> parse_json(std::string_view text);

// Null where there is none, or it is something else.
[[nodiscard]] const boost::json::string* text_in(
    const boost::json::object& object, std::string_view key
);
[[nodiscard]] const boost::json::array* list_in(
    const boost::json::object& object, std::string_view key
);

// "2015-05-15T09:12:16.432678Z", as STIX 2.1 section 3.16 has it: UTC. Seconds since 1970; none: it is no such
// time, or not between 1970 and 2105.
[[nodiscard]] std::optional<std::uint32_t> timestamp_of(std::string_view text);

}  // namespace phantom::intel
