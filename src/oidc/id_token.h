#pragma once

// The ID token (OpenID Connect Core 1.0, section 2; RFC 7519, 7515): who has signed in, by the issuer's word. Everything
// of section 3.1.3.7 is checked before anything of it is believed. Pure; hostile text.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "oidc/key_set.h"

namespace phantom::oidc {

inline constexpr std::size_t kIdTokenSizeMax = std::size_t{16} << 10U;
// How far clocks may be apart, and how old a token may be that was asked for a moment ago.
inline constexpr Duration kClockSkewMax = std::chrono::minutes(1);
inline constexpr Duration kIdTokenAgeMax = std::chrono::minutes(10);
inline constexpr std::size_t kClaimValuesMax = 256;

struct Expected {
    std::string issuer;
    std::string client_id;
    std::string nonce;
};

struct Claims {
    std::string subject;  // not empty; the issuer never gives it to another
    std::string name;     // preferred_username, email or name, where it says one
    WallTime expires;
    // Of the claim that was asked for: a text, or a list of them.
    std::vector<std::string> values;
};

// What its header says, so that the key can be found. kTokenMalformed, kAlgorithm.
struct TokenHeader {
    Algorithm algorithm = Algorithm::kEs256;
    std::string key_id;
};
[[nodiscard]] Result<TokenHeader> read_token_header(std::string_view token);

// `claim`: of which the values are wanted. kTokenMalformed, kAlgorithm, kKeyUnknown, kSignature, kIssuer, kAudience,
// kExpired, kIssuedAt, kNonce.
[[nodiscard]] Result<Claims> verify_id_token(
    std::string_view token, const KeySet& keys, const Expected& expected, std::string_view claim,
    WallTime now
);

}  // namespace phantom::oidc
