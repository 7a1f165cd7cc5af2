#pragma once

// What the API of a node serves: its routes, and how what they take and give looks. Each route asks for a verb of the
// control socket, so that the API and `phantom` say the same.

#include <string_view>
#include <vector>

#include "api/route.h"

namespace phantom::daemon {

[[nodiscard]] std::string_view api_shapes_text();
[[nodiscard]] std::vector<api::Route> api_routes();
// By what they are about, for api_routes().
void add_mesh_routes(std::vector<api::Route>& routes);
void add_defence_routes(std::vector<api::Route>& routes);

}  // namespace phantom::daemon
