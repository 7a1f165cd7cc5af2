#pragma once

// docs/reference/api.md, made from the table that is served. Pure.

#include <string>

#include "api/route.h"

namespace phantom::api {

// Every operation by topic, then every shape, as Markdown.
[[nodiscard]] std::string reference_text(const RouteTable& table);

// A type as api/shape.h notes it: "\"firing\" | \"resolved\"", "[int(1..)]?".
[[nodiscard]] std::string notation_of(const Type& type);

}  // namespace phantom::api
