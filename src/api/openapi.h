#pragma once

// The contract, as OpenAPI 3.1 has it, made from the table that serves it. Pure.

#include <string_view>

#include <boost/json.hpp>

#include "api/route.h"

namespace phantom::api {

[[nodiscard]] boost::json::object openapi_of(const RouteTable& table, std::string_view version);

}  // namespace phantom::api
