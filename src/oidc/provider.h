#pragma once

// What an issuer says of itself (OpenID Connect Discovery 1.0, sections 3 and 4), and what it answers with instead of a
// code (OpenID Connect Core 1.0, section 3.1.3.3). Pure; its words are hostile until they have been read.

#include <string>
#include <string_view>

#include "oidc/errors.h"

namespace phantom::oidc {

inline constexpr std::size_t kDocumentSizeMax = std::size_t{64} << 10U;
inline constexpr std::size_t kPlaceSizeMax = 1'024;

struct Provider {
    std::string authorization_endpoint;
    std::string token_endpoint;
    std::string jwks_uri;
};

// Where it is said: below the issuer.
[[nodiscard]] std::string discovery_place(std::string_view issuer);

// https; or http of this very machine, where the issuer is there as well (for tests).
[[nodiscard]] bool is_safe_place(std::string_view url, std::string_view issuer);

// kProviderMalformed, kProviderIsAnother, kPlaceUnsafe.
[[nodiscard]] Result<Provider> read_provider(std::string_view text, std::string_view issuer);

// The ID token. kAnswerMalformed.
[[nodiscard]] Result<std::string> read_token_answer(std::string_view text);

}  // namespace phantom::oidc
