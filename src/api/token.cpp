#include "api/token.h"

#include <algorithm>

#include <boost/json.hpp>

#include "base/base64url.h"
#include "base/hex.h"
#include "crypto/sha256.h"

namespace phantom::api {

namespace {

namespace json = boost::json;

constexpr std::string_view kPrefix = "pm_";
constexpr std::size_t kTokenSize = 32;
constexpr std::size_t kIdSize = 8;
constexpr std::int64_t kFileVersion = 1;
constexpr std::size_t kScopeSizeMax = 32;
constexpr std::array<std::string_view, 3> kRoleNames{"viewer", "responder", "administrator"};
// What a viewer does not read, and a responder writes.
constexpr auto kKept =
    std::to_array<std::string_view>({"tokens:read", "api-tokens:read", "sessions:read"});
constexpr auto kHandled = std::to_array<std::string_view>(
    {"alerts:write", "silences:write", "incidents:write", "evidence:write", "playbooks:write",
     "actions:write", "oncall:write"}
);

bool is_name(std::string_view name) {
    return !name.empty() && name.size() <= kTokenNameMax &&
           std::ranges::all_of(name, [](char each) {
               return (each >= 'a' && each <= 'z') || (each >= '0' && each <= '9') || each == '-' ||
                      each == '_' || each == '.';
           });
}

bool is_scope(std::string_view scope) {
    const std::size_t colon = scope.find(':');
    if (colon == 0 || colon == std::string_view::npos || scope.size() > kScopeSizeMax) {
        return false;
    }
    const std::string_view right = scope.substr(colon + 1);
    return (right == "read" || right == "write") &&
           std::ranges::all_of(scope.substr(0, colon), [](char each) {
               return (each >= 'a' && each <= 'z') || each == '-';
           });
}

std::string id_of(const TokenHash& hash) {
    return hex_of(hash).substr(0, kIdSize);
}

TokenHash hash_of(ByteView bytes) {
    const crypto::Hash hash = crypto::sha256({bytes});
    TokenHash out{};
    std::ranges::copy(hash, out.begin());
    return out;
}

Status check(const TokenBook::Wish& wish, const std::vector<Token>& tokens) {
    if (tokens.size() >= kTokensMax) {
        return fail(ApiError::kTooManyTokens, kTokensMax);
    }
    if (!is_name(wish.name)) {
        return fail(ApiError::kNameMalformed);
    }
    if (std::ranges::find(tokens, wish.name, &Token::name) != tokens.end()) {
        return fail(ApiError::kNameTaken);
    }
    if (wish.scopes.size() > kTokenScopesMax || !std::ranges::all_of(wish.scopes, is_scope)) {
        return fail(ApiError::kScopeMalformed);
    }
    for (const std::string& scope : wish.scopes) {
        if (!allows(wish.role, scope)) {
            return fail(ApiError::kScopeBeyondRole);
        }
    }
    return {};
}

json::object record_of(const Token& token) {
    return {
        {"name", token.name},
        {"role", name_of(token.role)},
        {"scopes", json::array(token.scopes.begin(), token.scopes.end())},
        {"requests_per_minute", token.requests_per_minute},
        {"created_ns", token.created.ns},
        {"expires_ns", token.expires.ns},
        {"hash", hex_of(token.hash)},
    };
}

// Throws what Boost throws where a field is missing or of another kind.
Result<Token> token_in(const json::object& record) {
    Token token;
    token.name = record.at("name").as_string();
    token.role = PM_TRY(role_of(record.at("role").as_string()));
    for (const json::value& scope : record.at("scopes").as_array()) {
        token.scopes.emplace_back(scope.as_string());
    }
    token.requests_per_minute = record.at("requests_per_minute").to_number<std::uint32_t>();
    token.created = {record.at("created_ns").as_int64()};
    token.expires = {record.at("expires_ns").as_int64()};
    const auto hash = bytes_of_hex(record.at("hash").as_string());
    if (!hash || hash->size() != token.hash.size()) {
        return fail(ApiError::kTokensUnreadable);
    }
    std::ranges::copy(*hash, token.hash.begin());
    token.id = id_of(token.hash);
    return token;
}

}  // namespace

std::string_view name_of(Role role) {
    return kRoleNames[static_cast<std::size_t>(role)];
}

Result<Role> role_of(std::string_view name) {
    const auto* const found = std::ranges::find(kRoleNames, name);
    if (found == kRoleNames.end()) {
        return fail(ApiError::kRoleUnknown);
    }
    return static_cast<Role>(found - kRoleNames.begin());
}

bool allows(Role role, std::string_view scope) {
    if (role == Role::kAdministrator) {
        return true;
    }
    if (scope == "audit:read") {
        return role == Role::kResponder;
    }
    if (scope.ends_with(":read")) {
        return std::ranges::find(kKept, scope) == kKept.end();
    }
    return role == Role::kResponder && std::ranges::find(kHandled, scope) != kHandled.end();
}

bool Token::may(std::string_view scope) const {
    return allows(role, scope) &&
           (scopes.empty() || std::ranges::find(scopes, scope) != scopes.end());
}

Result<TokenHash> hash_of_token(std::string_view text) {
    if (!text.starts_with(kPrefix)) {
        return fail(ApiError::kTokenMalformed);
    }
    auto bytes = from_base64url(text.substr(kPrefix.size()));
    if (!bytes || bytes->size() != kTokenSize) {
        return fail(ApiError::kTokenMalformed);
    }
    const TokenHash hash = hash_of(*bytes);
    crypto::wipe(*bytes);
    return hash;
}

const Token* TokenTable::find(const TokenHash& hash, WallTime now) const {
    const Token* found = nullptr;
    for (const Token& token : tokens_) {
        if (crypto::equal_constant_time(token.hash, hash)) {
            found = &token;
        }
    }
    return found == nullptr || found->is_over(now) ? nullptr : found;
}

const Token* TokenTable::find_id(std::string_view id, WallTime now) const {
    const auto found = std::ranges::find(tokens_, id, &Token::id);
    return found == tokens_.end() || found->is_over(now) ? nullptr : &*found;
}

Result<TokenBook> TokenBook::read(std::string_view text) {
    TokenBook book;
    if (text.empty()) {
        return book;
    }
    try {
        const json::value file = json::parse({text.data(), text.size()});
        if (file.at("version").as_int64() != kFileVersion) {
            return fail(ApiError::kTokensUnreadable);
        }
        for (const json::value& record : file.at("tokens").as_array()) {
            Token token = PM_TRY(token_in(record.as_object()));
            const Wish wish{
                .name = token.name,
                .role = token.role,
                .scopes = token.scopes,
                .requests_per_minute = token.requests_per_minute,
                .lifetime = {}
            };
            PM_TRY(check(wish, book.tokens_));
            book.tokens_.push_back(std::move(token));
        }
    } catch (const std::exception&) {
        return fail(ApiError::kTokensUnreadable);
    }
    return book;
}

std::string TokenBook::write() const {
    json::array records;
    for (const Token& token : tokens_) {
        records.push_back(record_of(token));
    }
    return json::serialize(json::object{{"version", kFileVersion}, {"tokens", std::move(records)}});
}

Result<std::string> TokenBook::create(const Wish& wish, WallTime now, Random& random) {
    PM_TRY(check(wish, tokens_));
    std::array<std::uint8_t, kTokenSize> bytes{};
    random.fill(bytes);
    Token token;
    token.name = wish.name;
    token.role = wish.role;
    token.scopes = wish.scopes;
    token.requests_per_minute = wish.requests_per_minute;
    token.created = now;
    token.expires = {wish.lifetime.count() == 0 ? 0 : now.ns + wish.lifetime.count()};
    token.hash = hash_of(bytes);
    token.id = id_of(token.hash);
    tokens_.push_back(std::move(token));
    std::string text = std::string(kPrefix) + to_base64url(bytes);
    crypto::wipe(bytes);
    return text;
}

Result<Token> TokenBook::revoke(std::string_view id_or_name) {
    const auto found = std::ranges::find_if(tokens_, [&](const Token& token) {
        return token.id == id_or_name || token.name == id_or_name;
    });
    if (found == tokens_.end()) {
        return fail(ApiError::kTokenUnknown);
    }
    Token token = *found;
    tokens_.erase(found);
    return token;
}

bool TokenBook::drop_expired(WallTime now) {
    return std::erase_if(tokens_, [&](const Token& token) { return token.is_over(now); }) > 0;
}

}  // namespace phantom::api
