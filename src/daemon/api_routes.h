#pragma once

// What the API of a node serves: its routes, and how what they take and give looks. Each route asks for a verb of the
// control socket, so that the API and `phantom` say the same.

#include <string_view>
#include <vector>

#include "api/route.h"

namespace phantom::daemon {

// Of routes and shapes that do not fit together PM_ASSERT makes an end at the start.
[[nodiscard]] api::RouteTable api_routes();

// By what they are about.
[[nodiscard]] std::string_view mesh_shapes_text();
[[nodiscard]] std::string_view defence_shapes_text();
[[nodiscard]] std::string_view knowledge_shapes_text();
void add_mesh_routes(std::vector<api::Route>& routes);
void add_alert_routes(std::vector<api::Route>& routes);
void add_defence_routes(std::vector<api::Route>& routes);

}  // namespace phantom::daemon
