#pragma once

// Whether what a client gives a tool is as the tool's schema says: the part of JSON Schema that the tools use (type,
// properties, required, enum, minimum, maximum, maxLength, and nothing that is not named). No I/O.

#include <optional>
#include <string>

#include <boost/json.hpp>

namespace phantom::mcp {

// A sentence where something is wrong, for the model to do it better.
[[nodiscard]] std::optional<std::string> fault_of(
    const boost::json::object& schema, const boost::json::object& given
);

}  // namespace phantom::mcp
