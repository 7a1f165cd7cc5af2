#pragma once

// API tokens: "pm_" and 32 random bytes in base64url. What is kept is their SHA-256: the text is said once, when it is
// made. A token has a role, and may be narrowed to scopes ("alerts:read"). Pure.
//
// Thread: TokenBook is its owner's. A TokenTable is a snapshot of it that any thread reads.

#include <array>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/errors.h"
#include "base/clock.h"
#include "base/random.h"
#include "crypto/secret.h"

namespace phantom::api {

inline constexpr std::size_t kTokensMax = 256;
inline constexpr std::size_t kTokenScopesMax = 16;
inline constexpr std::size_t kTokenNameMax = 63;
inline constexpr std::size_t kTokenFileMax = std::size_t{256} << 10U;
// Requests in a minute, a write counting ten, where a token does not say otherwise.
inline constexpr std::uint32_t kRequestsPerMinute = 6'000;

enum class Role : std::uint8_t {
    kViewer,         // reads, but for invitations, API tokens, sessions and the audit log
    kResponder,      // reads the audit log too, and handles alerts, incidents and actions
    kAdministrator,  // may do everything
};
[[nodiscard]] std::string_view name_of(Role role);
[[nodiscard]] Result<Role> role_of(std::string_view name);
// `scope` is "topic:read" or "topic:write".
[[nodiscard]] bool allows(Role role, std::string_view scope);

using TokenHash = std::array<std::uint8_t, 32>;

struct Token {
    std::string id;  // the first 8 digits of its hash
    std::string name;
    Role role = Role::kViewer;
    std::vector<std::string> scopes;                         // empty: all of the role
    std::uint32_t requests_per_minute = kRequestsPerMinute;  // 0: as many as it likes
    WallTime created;
    WallTime expires;  // zero: never
    TokenHash hash{};
    // Seconds since 1970, 0: not since the node started. The API's thread writes it.
    std::shared_ptr<std::atomic<std::int64_t>> last_used_s =
        std::make_shared<std::atomic<std::int64_t>>(0);

    [[nodiscard]] bool may(std::string_view scope) const;
    [[nodiscard]] bool is_over(WallTime now) const { return expires.ns != 0 && expires <= now; }
};

// The hash of what a token's text holds. kTokenMalformed.
[[nodiscard]] Result<TokenHash> hash_of_token(std::string_view text);

class TokenTable {
  public:
    explicit TokenTable(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}
    // Null: there is none of this hash, or its time is over.
    [[nodiscard]] const Token* find(const TokenHash& hash, WallTime now) const;
    // By its whole id; null as above.
    [[nodiscard]] const Token* find_id(std::string_view id, WallTime now) const;

  private:
    std::vector<Token> tokens_;
};

class TokenBook {
  public:
    struct Wish {
        std::string name;
        Role role = Role::kAdministrator;
        std::vector<std::string> scopes;
        std::uint32_t requests_per_minute = kRequestsPerMinute;
        Duration lifetime{0};  // zero: it does not end
    };

    // What write() wrote; empty text: no tokens. kTokensUnreadable.
    [[nodiscard]] static Result<TokenBook> read(std::string_view text);
    [[nodiscard]] std::string write() const;

    // The text of the token, this once; the record is tokens().back(). kTooManyTokens, kNameMalformed,
    // kNameTaken, kScopeMalformed, kScopeBeyondRole.
    [[nodiscard]] Result<std::string> create(const Wish& wish, WallTime now, Random& random);
    // By its id or its name. kTokenUnknown.
    [[nodiscard]] Result<Token> revoke(std::string_view id_or_name);
    // Those whose time is over; true: there were some.
    bool drop_expired(WallTime now);

    [[nodiscard]] const std::vector<Token>& tokens() const { return tokens_; }
    [[nodiscard]] std::shared_ptr<const TokenTable> table() const {
        return std::make_shared<const TokenTable>(tokens_);
    }

  private:
    std::vector<Token> tokens_;
};

}  // namespace phantom::api
