#pragma once

// `oidc.json` in the state directory, written by the owner: by whose word people may sign in with the page, and as what.
// JSON, with comments and trailing commas where they help. Absent: with tokens alone.
//
//     {"issuer": "https://id.example.org", "client_id": "phantommesh", "secret_file": "oidc_secret",
//      "page": "https://amber.mesh:8443", "claim": "groups", "roles": {"mesh-admins": "administrator", "staff": "viewer"}}

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/token.h"
#include "daemon/mesh_state.h"

namespace phantom::daemon {

inline constexpr const char* kOidcFile = "oidc.json";
inline constexpr std::size_t kOidcFileMax = 64U << 10U;
inline constexpr std::size_t kOidcRolesMax = 256;
inline constexpr std::size_t kOidcScopesMax = 16;

struct OidcSettings {
    std::string name;  // on the button; the issuer, where it is not said
    std::string issuer;
    std::string client_id;
    std::string secret_file;  // of the state directory; empty: a client without a secret
    std::string page;         // as browsers call it; the way back is below
    std::vector<std::string> scopes{"openid", "profile"};
    std::string claim = "groups";
    std::map<std::string, api::Role, std::less<>> roles;  // by a value of the claim
    std::string ca_file;

    [[nodiscard]] std::string redirect_uri() const;
    // The highest of those that the values give; none: who has them may not sign in.
    [[nodiscard]] std::optional<api::Role> role_of(const std::vector<std::string>& values) const;

    // A sentence with the file, line and column of what is wrong.
    [[nodiscard]] static OrSentence<OidcSettings> parse(std::string_view text);
};

}  // namespace phantom::daemon
