#pragma once

// The path and the query of a request, as a server would understand them.

#include <string>
#include <string_view>

namespace phantom::detect {

// Escapes of the path are decoded, "." and ".." gone, slashes single; the query stays as it is. An
// absolute URI gives its path.
[[nodiscard]] std::string normalised_uri(std::string_view uri);

}  // namespace phantom::detect
