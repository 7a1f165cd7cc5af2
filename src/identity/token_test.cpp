#include "identity/token.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "identity/base32.h"
#include "identity/record_checks.h"
#include "identity/token_codec.h"

namespace phantom::identity {
namespace {

std::string text_of(const JoinToken& token) {
    return std::string(token.text().value().text());
}

void expect_refused(std::string_view text, IdentityError code) {
    const auto parsed = JoinToken::parse(text, kNow);
    ASSERT_FALSE(parsed.has_value()) << text;
    EXPECT_TRUE(parsed.error().is(code)) << parsed.error().message() << ": " << text;
}

TEST(Token, is_one_word_and_reads_back) {
    const JoinToken token = test_token();
    const std::string text = text_of(token);
    EXPECT_TRUE(text.starts_with("phantom1"));
    EXPECT_LT(text.size(), 300U);
    EXPECT_EQ(text.find_first_not_of("abcdefghijklmnopqrstuvwxyz234567", 8), std::string::npos);
    const auto parsed = JoinToken::parse(text, kNow);
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(parsed->mesh, token.mesh);
    EXPECT_EQ(parsed->introducer, token.introducer);
    EXPECT_TRUE(crypto::equal_constant_time(parsed->secret.view(), token.secret.view()));
    EXPECT_EQ(parsed->expiry, token.expiry);
    EXPECT_EQ(parsed->uses, token.uses);
    EXPECT_EQ(parsed->endpoints, token.endpoints);
    EXPECT_EQ(text_of(*parsed), text);
}

TEST(Token, names_the_carriers_port_where_there_is_one) {
    JoinToken token = test_token();
    const std::size_t without = text_of(token).size();
    token.carrier_port = 443;
    EXPECT_GT(text_of(token).size(), without);
    EXPECT_EQ(JoinToken::parse(text_of(token), kNow)->carrier_port, 443);
}

TEST(Token, of_the_largest_size_reads_back) {
    JoinToken token = test_token();
    const std::string label(49, 'a');
    const std::string name = label + '.' + label + '.' + label + '.' + label + '.' + label + "abc";
    ASSERT_EQ(name.size(), kHostNameSizeMax - 1);
    token.endpoints.assign(kTokenEndpointsMax, {name + "d", 65'535});
    token.carrier_port = 65'535;
    EXPECT_EQ(JoinToken::parse(text_of(token), kNow)->endpoints, token.endpoints);
    token.endpoints.assign(1, {name + "de", 65'535});
    EXPECT_TRUE(token.text().error().is(IdentityError::kBadEndpoint));
}

TEST(Token, any_altered_character_is_noticed) {
    const std::string text = text_of(test_token());
    for (std::size_t at = 0; at < text.size(); ++at) {
        for (const int bit : {0, 1, 5, 7}) {
            std::string altered = text;
            altered[at] = static_cast<char>(altered[at] ^ (1 << bit));
            ASSERT_FALSE(JoinToken::parse(altered, kNow).has_value()) << at << " " << bit;
        }
    }
}

TEST(Token, any_cut_or_addition_is_noticed) {
    const std::string text = text_of(test_token());
    for (std::size_t size = 0; size < text.size(); ++size) {
        expect_refused(
            text.substr(0, size),
            size < kTokenPrefix.size() ? IdentityError::kNotAToken : IdentityError::kTokenAltered
        );
    }
    expect_refused(text + 'a', IdentityError::kTokenAltered);
    expect_refused(text + '\n', IdentityError::kTokenAltered);
    expect_refused(text + std::string(10'000, 'a'), IdentityError::kTokenAltered);
}

TEST(Token, two_swapped_characters_are_noticed) {
    std::string text = text_of(test_token());
    ASSERT_NE(text[20], text[21]);
    std::swap(text[20], text[21]);
    expect_refused(text, IdentityError::kTokenAltered);
}

TEST(Token, what_is_none_is_called_so) {
    for (const std::string text :
         {"", "phantom", "PHANTOM1abc", "hello", " phantom1", "phantomx1"}) {
        expect_refused(text, IdentityError::kNotAToken);
    }
}

// As text() would make it, but of any body.
std::string token_of_body(Bytes body) {
    const auto checksum = labelled_hash(kTokenChecksumLabel, body);
    body.insert(body.end(), checksum.begin(), checksum.begin() + 4);
    Bytes text(base32_text_size(body.size()));
    base32_encode(body, text);
    return std::string(kTokenPrefix) + std::string(text.begin(), text.end());
}

Bytes body_of(const JoinToken& token) {
    const std::string text = text_of(token);
    const auto bytes = base32_decode(std::string_view(text).substr(kTokenPrefix.size()));
    return bytes_of(bytes->view().first(bytes->view().size() - 4));
}

TEST(Token, of_another_version_or_with_unknown_flags_says_so) {
    expect_refused("phantom2abcdef", IdentityError::kUnsupportedVersion);
    const Bytes body = body_of(test_token());
    EXPECT_TRUE(JoinToken::parse(token_of_body(body), kNow).has_value());
    Bytes newer = body;
    newer[0] = 2;
    expect_refused(token_of_body(newer), IdentityError::kUnsupportedVersion);
    Bytes flagged = body;
    flagged[1] = 2;
    expect_refused(token_of_body(flagged), IdentityError::kUnsupportedVersion);
}

TEST(Token, with_a_good_checksum_over_a_bad_body_is_refused) {
    const Bytes body = body_of(test_token());
    for (std::size_t size = 2; size < body.size(); ++size) {
        const Bytes cut(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(size));
        expect_refused(token_of_body(cut), IdentityError::kMalformed);
    }
    constexpr std::size_t kUsesAt = 2 + 32 + 32 + 32 + 8;
    for (const std::size_t at : {kUsesAt, kUsesAt + 1, kUsesAt + 2}) {  // uses, count, kind
        for (const std::uint8_t value : Bytes{0, 9}) {
            if (at == kUsesAt && value == 9) {
                continue;
            }
            Bytes wrong = body;
            wrong[at] = value;
            expect_refused(token_of_body(wrong), IdentityError::kMalformed);
        }
    }
}

TEST(Token, expires_at_its_expiry) {
    const JoinToken token = test_token();
    const std::string text = text_of(token);
    EXPECT_TRUE(JoinToken::parse(text, {token.expiry.s - 1}).has_value());
    EXPECT_TRUE(JoinToken::parse(text, token.expiry).error().is(IdentityError::kExpired));
}

TEST(Token, is_not_made_without_uses_or_endpoints_or_with_too_many) {
    JoinToken token = test_token();
    token.uses = 0;
    EXPECT_TRUE(token.text().error().is(IdentityError::kMalformed));
    token = test_token();
    token.endpoints.clear();
    EXPECT_TRUE(token.text().error().is(IdentityError::kMalformed));
    token.endpoints.assign(kTokenEndpointsMax + 1, test_token().endpoints[0]);
    EXPECT_TRUE(token.text().error().is(IdentityError::kTooMany));
}

TEST(Token, both_sides_derive_the_same_guest_and_no_two_keys_are_alike) {
    const JoinToken token = test_token();
    const GuestKeys issuer = token.guest_keys();
    const GuestKeys joiner = JoinToken::parse(text_of(token), kNow)->guest_keys();
    EXPECT_EQ(issuer.public_key, joiner.public_key);
    EXPECT_EQ(issuer.public_key, crypto::public_key_of(joiner.private_key));
    const auto alike = crypto::equal_constant_time;
    EXPECT_TRUE(alike(issuer.preshared_key.view(), joiner.preshared_key.view()));
    EXPECT_TRUE(alike(issuer.proof_key.view(), joiner.proof_key.view()));
    EXPECT_FALSE(alike(issuer.preshared_key.view(), issuer.proof_key.view()));
    EXPECT_FALSE(alike(issuer.preshared_key.view(), issuer.private_key.view()));
    EXPECT_FALSE(alike(issuer.preshared_key.view(), token.secret.view()));
    EXPECT_FALSE(alike(token.secret_hash(), token.secret.view()));
}

TEST(Token, guest_keys_are_bound_to_mesh_introducer_and_secret) {
    const JoinToken token = test_token();
    JoinToken other = token;
    other.mesh.bytes[0] ^= 1;
    EXPECT_NE(other.guest_keys().public_key, token.guest_keys().public_key);
    other = token;
    other.introducer[31] ^= 1;
    EXPECT_NE(other.guest_keys().public_key, token.guest_keys().public_key);
    other = token;
    other.secret.bytes()[0] ^= 1;
    EXPECT_NE(other.guest_keys().public_key, token.guest_keys().public_key);
    EXPECT_NE(other.secret_hash(), token.secret_hash());
}

TEST(TokenEndpoint, is_an_address_or_a_name_with_a_port) {
    for (const std::string text :
         {"192.0.2.1:51820", "[2001:db8::1]:1", "vpn.example.org:443", "localhost:1", "a-b.c:65535",
          "1.example:1"}) {
        const auto endpoint = TokenEndpoint::parse(text);
        ASSERT_TRUE(endpoint.has_value()) << text;
        EXPECT_EQ(endpoint->to_string(), text);
    }
    for (const std::string text :
         {"", ":1", "host", "host:", "host:0", "host:65536", "host:1x", "Host:1", "-a:1", "a..b:1",
          "a.:1", ".a:1", "1.2.3:1", "1.2.3.4.5:1", "192.0.2.1:0", "0.0.0.0:1", "[fe80::1%2]:1",
          "a b:1", "2001:db8::1:1"}) {
        EXPECT_FALSE(TokenEndpoint::parse(text).has_value()) << text;
    }
}

RC_GTEST_PROP(
    Base32, reads_what_it_wrote_and_nothing_else, (const std::vector<std::uint8_t>& bytes)
) {
    Bytes text(base32_text_size(bytes.size()));
    base32_encode(bytes, text);
    const std::string_view view(reinterpret_cast<const char*>(text.data()), text.size());
    RC_ASSERT(bytes_of(base32_decode(view).value().view()) == bytes);
}

// RFC 4648 section 10, in lower case and without padding.
TEST(Base32, gives_the_vectors_of_the_rfc) {
    const std::pair<std::string, std::string> known[] = {
        {"", ""},
        {"f", "my"},
        {"fo", "mzxq"},
        {"foo", "mzxw6"},
        {"foob", "mzxw6yq"},
        {"fooba", "mzxw6ytb"},
        {"foobar", "mzxw6ytboi"},
    };
    for (const auto& [plain, encoded] : known) {
        Bytes text(base32_text_size(plain.size()));
        base32_encode(bytes_of(ByteView(bytes_of(std::string_view(plain)))), text);
        EXPECT_EQ(std::string(text.begin(), text.end()), encoded);
        EXPECT_EQ(base32_decode(encoded).value().text(), plain);
    }
    // A length no encoding has, unused bits that are set, and characters outside the alphabet.
    for (const std::string wrong : {"m", "mzx", "mzxw6y", "mz", "MY", "m1", "m=", "my======"}) {
        EXPECT_FALSE(base32_decode(wrong).has_value()) << wrong;
    }
}

}  // namespace
}  // namespace phantom::identity
