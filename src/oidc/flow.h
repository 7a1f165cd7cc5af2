#pragma once

// Sign-ins under way (OpenID Connect Core 1.0, section 3.1; PKCE: RFC 7636): from the redirect to the issuer until the
// browser comes back. What the browser brings is bound to it by a cookie, so that nobody is signed in as somebody else by
// a link (RFC 6819 section 4.4.1.8). Pure; bounded. Thread: its owner's.

#include <map>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "oidc/errors.h"

namespace phantom::oidc {

inline constexpr std::size_t kFlowsUnderWayMax = 256;
// For a person to find a password, and a second factor.
inline constexpr Duration kFlowPatience = std::chrono::minutes(10);

struct Flow {
    std::string nonce;
    std::string verifier;  // of PKCE
    Instant begun;
};

struct ClientPlace {
    std::string client_id;
    std::string redirect_uri;
    std::string scope;  // "openid profile"
};

class Flows {
  public:
    struct Begun {
        std::string cookie;  // for this browser alone
        std::string place;   // where it is sent
    };
    // kTooManyFlows.
    [[nodiscard]] Result<Begun> begin(
        std::string_view authorization_endpoint, const ClientPlace& client, Instant now,
        Random& random
    );
    // Once. kFlowUnknown.
    [[nodiscard]] Result<Flow> end(std::string_view state, std::string_view cookie, Instant now);

  private:
    std::map<std::string, Flow, std::less<>> flows_;  // by state
};

// RFC 3986: what is not a letter, a digit or one of -._~ as %XX.
[[nodiscard]] std::string percent_encoded(std::string_view text);

}  // namespace phantom::oidc
