#include "oidc/id_token.h"

#include <algorithm>
#include <array>

#include <boost/json.hpp>

#include "base/base64url.h"
#include "crypto/secret.h"
#include "fields/fields.h"

namespace phantom::oidc {

namespace {

namespace json = boost::json;

constexpr std::int64_t kNsPerS = 1'000'000'000;
// Beyond it seconds are no time (the year 2262).
constexpr std::int64_t kSecondsMax = INT64_MAX / kNsPerS;

// RFC 7515 section 7.1: header, payload, signature.
struct Parts {
    std::string_view signed_text;
    json::object header;
    std::string_view payload;
    std::vector<std::uint8_t> signature;
};

Result<json::object> object_of(std::string_view part) {
    const auto bytes = from_base64url(part);
    if (!bytes || bytes->empty()) {
        return fail(OidcError::kTokenMalformed);
    }
    boost::system::error_code bad;
    json::value value = json::parse(
        json::string_view(reinterpret_cast<const char*>(bytes->data()), bytes->size()), bad
    );
    if (bad || !value.is_object()) {
        return fail(OidcError::kTokenMalformed);
    }
    return std::move(value.get_object());
}

Result<Parts> parts_of(std::string_view token) {
    const std::size_t first = token.find('.');
    const std::size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
    if (token.size() > kIdTokenSizeMax || second == std::string_view::npos) {
        return fail(OidcError::kTokenMalformed);
    }
    auto signature = from_base64url(token.substr(second + 1));
    if (!signature) {
        return fail(OidcError::kTokenMalformed);
    }
    json::object header = PM_TRY(object_of(token.substr(0, first)));
    return Parts{
        .signed_text = token.substr(0, second),
        .header = std::move(header),
        .payload = token.substr(first + 1, second - first - 1),
        .signature = std::move(*signature),
    };
}

// RFC 7519 section 2: seconds since 1970, with a fraction perhaps.
std::optional<WallTime> claim_time(const json::object& of, std::string_view key) {
    const json::value* value = of.if_contains(key);
    if (value == nullptr || !value->is_number()) {
        return std::nullopt;
    }
    const auto seconds = value->to_number<double>();
    if (!(seconds >= 0) || seconds >= static_cast<double>(kSecondsMax)) {
        return std::nullopt;
    }
    return WallTime{static_cast<std::int64_t>(seconds) * kNsPerS};
}

std::vector<std::string> texts_of(const json::value* value) {
    std::vector<std::string> texts;
    if (value != nullptr && value->is_string()) {
        texts.emplace_back(value->get_string());
    }
    if (value != nullptr && value->is_array()) {
        for (const json::value& each : value->get_array()) {
            if (each.is_string() && texts.size() < kClaimValuesMax) {
                texts.emplace_back(each.get_string());
            }
        }
    }
    return texts;
}

bool is_same(std::string_view one, std::string_view other) {
    const auto bytes = [](std::string_view text) {
        return ByteView(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
    };
    return one.size() == other.size() && crypto::equal_constant_time(bytes(one), bytes(other));
}

// Section 3.1.3.7, 3 to 5.
bool is_for(const json::object& payload, const std::string& client_id) {
    const std::vector<std::string> audience = texts_of(payload.if_contains("aud"));
    const std::string party = fields::text_at(payload, "azp");
    const bool is_meant = std::ranges::find(audience, client_id) != audience.end();
    return is_meant && (party.empty() ? audience.size() == 1 : party == client_id);
}

// When it ends.
Result<WallTime> check_times(const json::object& payload, WallTime now) {
    const auto expires = claim_time(payload, "exp");
    const auto issued = claim_time(payload, "iat");
    if (!expires || !issued) {
        return fail(OidcError::kTokenMalformed);
    }
    if (now.ns - kClockSkewMax.count() >= expires->ns) {
        return fail(OidcError::kExpired);
    }
    const bool is_of_now = issued->ns <= now.ns + kClockSkewMax.count() &&
                           issued->ns >= now.ns - kIdTokenAgeMax.count();
    const json::value* after = payload.if_contains("nbf");
    const auto begins = after == nullptr ? std::optional(WallTime{}) : claim_time(payload, "nbf");
    if (!is_of_now || !begins || begins->ns > now.ns + kClockSkewMax.count()) {
        return fail(OidcError::kIssuedAt);
    }
    return *expires;
}

std::string name_in(const json::object& payload) {
    for (const char* key : {"preferred_username", "email", "name"}) {
        if (std::string name = fields::text_at(payload, key); !name.empty()) {
            return name;
        }
    }
    return "";
}

Result<TokenHeader> header_of(const json::object& header) {
    // Section 4.1.11: what has to be understood, and is not here.
    if (header.contains("crit")) {
        return fail(OidcError::kTokenMalformed);
    }
    const auto algorithm = algorithm_named(fields::text_at(header, "alg"));
    if (!algorithm) {
        return fail(OidcError::kAlgorithm);
    }
    return TokenHeader{.algorithm = *algorithm, .key_id = fields::text_at(header, "kid")};
}

}  // namespace

Result<TokenHeader> read_token_header(std::string_view token) {
    const Parts parts = PM_TRY(parts_of(token));
    return header_of(parts.header);
}

Result<Claims> verify_id_token(
    std::string_view token, const KeySet& keys, const Expected& expected, std::string_view claim,
    WallTime now
) {
    const Parts parts = PM_TRY(parts_of(token));
    const TokenHeader header = PM_TRY(header_of(parts.header));
    const EVP_PKEY* key = keys.find(header.algorithm, header.key_id);
    if (key == nullptr) {
        return fail(OidcError::kKeyUnknown);
    }
    if (!verifies(key, header.algorithm, parts.signed_text, parts.signature)) {
        return fail(OidcError::kSignature);
    }
    const json::object payload = PM_TRY(object_of(parts.payload));
    if (fields::text_at(payload, "iss") != expected.issuer) {
        return fail(OidcError::kIssuer);
    }
    if (!is_for(payload, expected.client_id)) {
        return fail(OidcError::kAudience);
    }
    const WallTime expires = PM_TRY(check_times(payload, now));
    if (expected.nonce.empty() || !is_same(fields::text_at(payload, "nonce"), expected.nonce)) {
        return fail(OidcError::kNonce);
    }
    Claims claims{
        .subject = fields::text_at(payload, "sub"),
        .name = name_in(payload),
        .expires = expires,
        .values = texts_of(payload.if_contains(claim)),
    };
    if (claims.subject.empty()) {
        return fail(OidcError::kTokenMalformed);
    }
    return claims;
}

}  // namespace phantom::oidc
