#pragma once

// `phantom route list|offer|withdraw|use exit`.

#include "cli/client.h"

namespace phantom::cli {

// Each returns the exit status, and shows the routes as they are then.
[[nodiscard]] int list_routes(const Places& places, bool as_json);
[[nodiscard]] int offer_route(const Places& places, const std::string& what, bool as_json);
[[nodiscard]] int withdraw_route(const Places& places, const std::string& what, bool as_json);
[[nodiscard]] int use_exit(const Places& places, const std::string& name, bool as_json);

}  // namespace phantom::cli
