#include "oidc/provider.h"

#include <gtest/gtest.h>

#include "oidc/key_set.h"
#include "oidc/oidc_fixture.h"

namespace phantom::oidc {
namespace {

namespace json = boost::json;
using test::SigningKey;

constexpr std::string_view kIssuerPlace = "https://id.example/a";

json::object document() {
    return {
        {"issuer", kIssuerPlace},
        {"authorization_endpoint", "https://id.example/authorize"},
        {"token_endpoint", "https://id.example/token"},
        {"jwks_uri", "https://keys.example/jwks"},
    };
}

Result<Provider> read(const json::object& said, std::string_view issuer = kIssuerPlace) {
    return read_provider(json::serialize(said), issuer);
}

TEST(Provider, is_where_its_issuer_says) {
    EXPECT_EQ(
        discovery_place("https://id.example"), "https://id.example/.well-known/openid-configuration"
    );
    EXPECT_EQ(
        discovery_place("https://id.example/a/"),
        "https://id.example/a/.well-known/openid-configuration"
    );
    const auto provider = read(document());
    ASSERT_TRUE(provider.has_value());
    EXPECT_EQ(provider->token_endpoint, "https://id.example/token");
    EXPECT_TRUE(read(document(), "https://id.example/b").error().is(OidcError::kProviderIsAnother));
}

TEST(Provider, names_safe_places_only) {
    for (const char* key : {"authorization_endpoint", "token_endpoint", "jwks_uri"}) {
        for (const char* place :
             {"http://id.example/x", "file:///etc/passwd", "javascript:alert(1)",
              "http://127.0.0.1:80/", "https://id.example/\r\nX: y", "https://id.example/a b"}) {
            json::object said = document();
            said[key] = place;
            EXPECT_TRUE(read(said).error().is(OidcError::kPlaceUnsafe)) << place;
        }
        json::object said = document();
        said.erase(key);
        EXPECT_TRUE(read(said).error().is(OidcError::kProviderMalformed)) << key;
    }
    EXPECT_TRUE(is_safe_place("http://127.0.0.1:3000/x", "http://127.0.0.1:3000"));
    EXPECT_FALSE(is_safe_place("http://127.0.0.1.evil.example/", "http://127.0.0.1:3000"));
    EXPECT_FALSE(is_safe_place("http://127.0.0.1:3000@evil.example/", "http://127.0.0.1:3000"));
    EXPECT_FALSE(is_safe_place("http://localhost.evil.example:1/", "http://127.0.0.1:3000"));
}

TEST(Provider, answers_with_an_id_token) {
    EXPECT_EQ(*read_token_answer(R"({"id_token":"a.b.c","access_token":"x"})"), "a.b.c");
    for (const char* text : {"", "{}", "[]", R"({"id_token":7})", R"({"error":"invalid_grant"})"}) {
        EXPECT_TRUE(read_token_answer(text).error().is(OidcError::kAnswerMalformed)) << text;
    }
}

TEST(KeySet, passes_over_what_it_does_not_take) {
    const SigningKey good(Algorithm::kEs256, "good");
    const auto changed = [&](const char* key, json::value value) {
        json::object record = good.record();
        record[key] = std::move(value);
        return record;
    };
    const auto size_of = [](json::array list) {
        return KeySet::read(json::serialize(json::object{{"keys", std::move(list)}}))->size();
    };
    EXPECT_EQ(size_of({good.record()}), 1U);
    EXPECT_EQ(size_of({changed("use", "enc")}), 0U);
    EXPECT_EQ(size_of({changed("alg", "RS256")}), 0U);
    EXPECT_EQ(size_of({changed("crv", "P-384")}), 0U);
    EXPECT_EQ(size_of({changed("kty", "oct")}), 0U);
    EXPECT_EQ(size_of({changed("x", good.record().at("y"))}), 0U) << "no point of the curve";
    EXPECT_EQ(size_of({changed("x", "AAAA")}), 0U);
    EXPECT_EQ(
        size_of({json::value(7), json::value("x"), changed("use", "enc"), good.record()}), 1U
    );
    json::array many;
    for (std::size_t count = 0; count < 2 * kKeysMax; ++count) {
        many.push_back(changed("kid", json::value(std::to_string(count))));
    }
    EXPECT_EQ(size_of(many), kKeysMax);
    for (const char* text : {"", "[]", "{}", R"({"keys":{}})"}) {
        EXPECT_TRUE(KeySet::read(text).error().is(OidcError::kKeysMalformed)) << text;
    }
}

TEST(KeySet, takes_no_short_rsa_key) {
    const SigningKey good(Algorithm::kRs256, "r");
    json::object record = good.record();
    const std::string modulus(record.at("n").as_string());
    EXPECT_EQ(KeySet::read(test::key_set_text({&good}))->size(), 1U);
    record["n"] = modulus.substr(0, 168);  // of 1,008 bits
    EXPECT_EQ(
        KeySet::read(json::serialize(json::object{{"keys", json::array{record}}}))->size(), 0U
    );
    record = good.record();
    record["e"] = "AQ";  // 1: everything would be signed
    EXPECT_EQ(
        KeySet::read(json::serialize(json::object{{"keys", json::array{record}}}))->size(), 0U
    );
}

TEST(KeySet, does_not_choose_between_two_of_one_name) {
    const SigningKey one(Algorithm::kEs256, "same");
    const SigningKey two(Algorithm::kEs256, "same");
    const auto keys = KeySet::read(test::key_set_text({&one, &two}));
    EXPECT_EQ(keys->find(Algorithm::kEs256, "same"), nullptr);
    EXPECT_EQ(keys->find(Algorithm::kEs256, ""), nullptr);
}

}  // namespace
}  // namespace phantom::oidc
