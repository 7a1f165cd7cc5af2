// Tokens that somebody forged, beside those that are good.

#include "oidc/id_token.h"

#include <gtest/gtest.h>

#include "oidc/oidc_fixture.h"

namespace phantom::oidc {
namespace {

using test::SigningKey;
namespace json = boost::json;

constexpr std::int64_t kAtS = 1'768'478'400;
constexpr WallTime kAt{kAtS * 1'000'000'000};

class IdTokens : public testing::Test {
  protected:
    static json::object payload() {
        return {
            {"iss", "https://id.example"}, {"sub", "248289761001"},
            {"aud", "phantommesh"},        {"nonce", "n-0S6_WzA2Mj"},
            {"exp", kAtS + 300},           {"iat", kAtS - 1},
            {"preferred_username", "ann"}, {"groups", {"staff", "mesh-admins"}},
        };
    }
    static json::object without(const char* key) {
        json::object made = payload();
        made.erase(key);
        return made;
    }
    static json::object with_claim(const char* key, json::value value) {
        json::object made = payload();
        made[key] = std::move(value);
        return made;
    }
    static Expected expected() {
        return {
            .issuer = "https://id.example", .client_id = "phantommesh", .nonce = "n-0S6_WzA2Mj"
        };
    }
    Result<Claims> verify(const std::string& token, WallTime now = kAt) const {
        return verify_id_token(token, keys_, expected(), "groups", now);
    }
    OidcError why(const std::string& token, WallTime now = kAt) const {
        const auto claims = verify(token, now);
        EXPECT_FALSE(claims.has_value()) << token;
        for (auto code = OidcError::kProviderMalformed; code <= OidcError::kTooManyFlows;
             code = static_cast<OidcError>(static_cast<int>(code) + 1)) {
            if (!claims && claims.error().is(code)) {
                return code;
            }
        }
        return OidcError::kTooManyFlows;
    }

    static const SigningKey& ec() {
        static const SigningKey key(Algorithm::kEs256, "ec-1");
        return key;
    }
    static const SigningKey& rsa() {
        static const SigningKey key(Algorithm::kRs256, "rsa-1");
        return key;
    }
    static const SigningKey& ed() {
        static const SigningKey key(Algorithm::kEdDsa, "ed-1");
        return key;
    }
    KeySet keys_ = *KeySet::read(test::key_set_text({&ec(), &rsa(), &ed()}));
};

TEST_F(IdTokens, of_each_algorithm_say_who_has_signed_in) {
    for (const SigningKey* key : {&ec(), &rsa(), &ed()}) {
        const auto claims = verify(key->sign(payload()));
        ASSERT_TRUE(claims.has_value()) << key->name() << claims.error().what();
        EXPECT_EQ(claims->subject, "248289761001");
        EXPECT_EQ(claims->name, "ann");
        EXPECT_EQ(claims->values, (std::vector<std::string>{"staff", "mesh-admins"}));
        EXPECT_EQ(claims->expires.ns, kAt.ns + 300'000'000'000);
    }
}

TEST_F(IdTokens, that_were_changed_anywhere_are_refused) {
    const std::string token = ec().sign(payload());
    for (std::size_t at = 0; at < token.size(); at += 3) {
        std::string changed = token;
        changed[at] = changed[at] == 'A' ? 'B' : 'A';
        EXPECT_FALSE(verify(changed).has_value()) << at;
    }
    for (std::size_t size = 0; size < token.size(); size += 7) {
        EXPECT_FALSE(verify(token.substr(0, size)).has_value()) << size;
    }
    const std::size_t signature = token.rfind('.');
    EXPECT_EQ(why(token.substr(0, signature + 1)), OidcError::kSignature) << "without one";
    EXPECT_EQ(why(token + "."), OidcError::kTokenMalformed);
}

TEST_F(IdTokens, that_say_they_need_no_signature_or_an_algorithm_of_their_own_are_refused) {
    for (const char* name :
         {"none", "None", "NONE", "", "HS256", "RS384", "PS256", "ES512", "es256"}) {
        const std::string token =
            test::text64(json::serialize(json::object{{"alg", name}, {"kid", "ec-1"}})) + "." +
            test::text64(json::serialize(payload())) + ".";
        EXPECT_EQ(why(token), OidcError::kAlgorithm) << name;
        EXPECT_EQ(why(token + "AAAA"), OidcError::kAlgorithm) << name;
    }
    // A key is good for its own algorithm alone.
    EXPECT_EQ(
        why(ec().sign(payload(), {{"alg", "RS256"}, {"kid", "ec-1"}})), OidcError::kKeyUnknown
    );
    EXPECT_EQ(
        why(ec().sign(payload(), {{"alg", "RS256"}, {"kid", "rsa-1"}})), OidcError::kSignature
    );
    EXPECT_EQ(
        why(ec().sign(payload(), {{"alg", "ES256"}, {"kid", "ec-1"}, {"crit", {"b64"}}})),
        OidcError::kTokenMalformed
    );
}

TEST_F(IdTokens, of_a_key_that_is_not_published_are_refused) {
    const SigningKey stranger(Algorithm::kEs256, "ec-2");
    EXPECT_EQ(why(stranger.sign(payload())), OidcError::kKeyUnknown);
    EXPECT_EQ(
        why(stranger.sign(payload(), {{"alg", "ES256"}, {"kid", "ec-1"}})), OidcError::kSignature
    );
    EXPECT_TRUE(verify(ec().sign(payload(), {{"alg", "ES256"}})).has_value()) << "the only one";
}

TEST_F(IdTokens, of_or_for_somebody_else_are_refused) {
    EXPECT_EQ(why(ec().sign(with_claim("iss", "https://id.example/"))), OidcError::kIssuer);
    EXPECT_EQ(why(ec().sign(without("iss"))), OidcError::kIssuer);
    EXPECT_EQ(why(ec().sign(with_claim("aud", "another"))), OidcError::kAudience);
    EXPECT_EQ(why(ec().sign(without("aud"))), OidcError::kAudience);
    EXPECT_EQ(
        why(ec().sign(with_claim("aud", json::array{"phantommesh", "another"}))),
        OidcError::kAudience
    ) << "of two, which of them is meant?";
    json::object two = with_claim("aud", json::array{"another", "phantommesh"});
    two["azp"] = "another";
    EXPECT_EQ(why(ec().sign(two)), OidcError::kAudience);
    two["azp"] = "phantommesh";
    EXPECT_TRUE(verify(ec().sign(two)).has_value());
    EXPECT_TRUE(verify(ec().sign(with_claim("aud", json::array{"phantommesh"}))).has_value());
}

TEST_F(IdTokens, hold_for_their_time) {
    const std::string token = ec().sign(payload());
    const auto at = [](std::int64_t s) { return WallTime{(kAtS + s) * 1'000'000'000}; };
    EXPECT_TRUE(verify(token, at(359)).has_value()) << "clocks may differ by a minute";
    EXPECT_EQ(why(token, at(360)), OidcError::kExpired);
    EXPECT_TRUE(verify(token, at(-61)).has_value());
    EXPECT_EQ(why(token, at(-62)), OidcError::kIssuedAt);
    EXPECT_EQ(why(ec().sign(with_claim("iat", kAtS - 601))), OidcError::kIssuedAt) << "an old one";
    EXPECT_EQ(why(ec().sign(with_claim("nbf", kAtS + 61))), OidcError::kIssuedAt);
    for (const char* key : {"exp", "iat"}) {
        EXPECT_EQ(why(ec().sign(without(key))), OidcError::kTokenMalformed) << key;
        EXPECT_EQ(why(ec().sign(with_claim(key, "tomorrow"))), OidcError::kTokenMalformed) << key;
        EXPECT_EQ(why(ec().sign(with_claim(key, 1e300))), OidcError::kTokenMalformed) << key;
        EXPECT_EQ(why(ec().sign(with_claim(key, -1))), OidcError::kTokenMalformed) << key;
    }
}

TEST_F(IdTokens, answer_the_question_that_was_asked) {
    EXPECT_EQ(why(ec().sign(with_claim("nonce", "another"))), OidcError::kNonce);
    EXPECT_EQ(why(ec().sign(without("nonce"))), OidcError::kNonce);
    Expected nothing = expected();
    nothing.nonce.clear();
    EXPECT_FALSE(verify_id_token(ec().sign(with_claim("nonce", "")), keys_, nothing, "groups", kAt)
                     .has_value());
}

TEST_F(IdTokens, name_somebody) {
    EXPECT_EQ(why(ec().sign(without("sub"))), OidcError::kTokenMalformed);
    EXPECT_EQ(why(ec().sign(with_claim("sub", 7))), OidcError::kTokenMalformed);
    EXPECT_EQ(verify(ec().sign(with_claim("groups", "staff")))->values.size(), 1U);
    EXPECT_EQ(
        verify(ec().sign(with_claim("groups", json::array{1, json::object()})))->values.size(), 0U
    );
    json::array many;
    for (int count = 0; count < 300; ++count) {
        many.emplace_back("g");
    }
    EXPECT_EQ(verify(ec().sign(with_claim("groups", many)))->values.size(), kClaimValuesMax);
    EXPECT_EQ(
        why(ec().sign(with_claim("name", json::value(std::string(kIdTokenSizeMax, 'x'))))),
        OidcError::kTokenMalformed
    );
}

}  // namespace
}  // namespace phantom::oidc
