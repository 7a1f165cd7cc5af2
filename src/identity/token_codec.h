#pragma once

// The rules that a token's text and its parser share. Inside this component only.

#include "identity/token.h"

namespace phantom::identity {

[[nodiscard]] bool is_host_name(std::string_view name);
[[nodiscard]] bool is_token_endpoint(const TokenEndpoint& endpoint);

}  // namespace phantom::identity
