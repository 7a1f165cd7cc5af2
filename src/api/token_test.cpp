#include "api/token.h"

#include <gtest/gtest.h>

#include "base/base64url.h"

namespace phantom::api {
namespace {

using namespace std::chrono_literals;

constexpr WallTime kNoon{1'768'478'400'000'000'000};

WallTime later(Duration by) {
    return {kNoon.ns + by.count()};
}

TokenBook::Wish wish(const char* name, Role role = Role::kAdministrator) {
    return {.name = name, .role = role, .scopes = {}, .requests_per_minute = 60, .lifetime = {}};
}

TEST(Token, is_known_by_its_hash_alone) {
    SeededRandom random(1);
    TokenBook book;
    const auto text = book.create(wish("ci"), kNoon, random);
    ASSERT_TRUE(text.has_value());
    EXPECT_TRUE(text->starts_with("pm_"));
    EXPECT_EQ(text->size(), 3 + 43U);
    EXPECT_EQ(book.write().find(text->substr(3)), std::string::npos);
    const auto table = book.table();
    const Token* found = table->find(*hash_of_token(*text), kNoon);
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->name, "ci");
    std::string other = *text;
    other[10] = other[10] == 'A' ? 'B' : 'A';
    EXPECT_EQ(table->find(*hash_of_token(other), kNoon), nullptr);
}

TEST(Token, what_is_none_is_refused_before_it_is_looked_up) {
    SeededRandom random(1);
    TokenBook book;
    const std::string text = *book.create(wish("ci"), kNoon, random);
    for (const std::string& each :
         {std::string(), std::string("pm_"), text + "A", text.substr(0, text.size() - 1),
          "px_" + text.substr(3), text.substr(0, text.size() - 1) + "="}) {
        EXPECT_TRUE(hash_of_token(each).error().is(ApiError::kTokenMalformed)) << each;
    }
}

TEST(Token, ends_when_its_time_is_over) {
    SeededRandom random(1);
    TokenBook book;
    TokenBook::Wish brief = wish("brief");
    brief.lifetime = 1h;
    const TokenHash hash = *hash_of_token(*book.create(brief, kNoon, random));
    EXPECT_NE(book.table()->find(hash, later(1h - 1ns)), nullptr);
    EXPECT_EQ(book.table()->find(hash, later(1h)), nullptr);
    EXPECT_FALSE(book.drop_expired(later(59min)));
    EXPECT_TRUE(book.drop_expired(later(1h)));
    EXPECT_TRUE(book.tokens().empty());
}

TEST(Token, roles_and_scopes_bound_what_it_may) {
    EXPECT_TRUE(allows(Role::kViewer, "alerts:read"));
    EXPECT_FALSE(allows(Role::kViewer, "alerts:write"));
    EXPECT_FALSE(allows(Role::kViewer, "api-tokens:read"));
    EXPECT_FALSE(allows(Role::kViewer, "audit:read"));
    EXPECT_TRUE(allows(Role::kResponder, "alerts:write"));
    EXPECT_TRUE(allows(Role::kResponder, "audit:read"));
    EXPECT_FALSE(allows(Role::kResponder, "policy:write"));
    EXPECT_TRUE(allows(Role::kAdministrator, "policy:write"));

    SeededRandom random(1);
    TokenBook book;
    TokenBook::Wish narrow = wish("narrow", Role::kResponder);
    narrow.scopes = {"alerts:read", "alerts:write"};
    ASSERT_TRUE(book.create(narrow, kNoon, random).has_value());
    EXPECT_TRUE(book.tokens().back().may("alerts:write"));
    EXPECT_FALSE(book.tokens().back().may("incidents:read"));
    narrow.name = "beyond";
    narrow.scopes = {"policy:write"};
    EXPECT_TRUE(book.create(narrow, kNoon, random).error().is(ApiError::kScopeBeyondRole));
    for (const char* scope : {"", "alerts", ":read", "alerts:", "Alerts:read", "alerts:delete"}) {
        narrow.scopes = {scope};
        EXPECT_TRUE(book.create(narrow, kNoon, random).error().is(ApiError::kScopeMalformed))
            << scope;
    }
}

TEST(TokenBook, is_read_as_it_was_written) {
    SeededRandom random(1);
    TokenBook book;
    TokenBook::Wish first = wish("first", Role::kResponder);
    first.scopes = {"alerts:read"};
    first.lifetime = 24h;
    const std::string text = *book.create(first, kNoon, random);
    ASSERT_TRUE(book.create(wish("second"), kNoon, random).has_value());
    const auto read = TokenBook::read(book.write());
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->write(), book.write());
    const auto table = read->table();
    const Token* found = table->find(*hash_of_token(text), kNoon);
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->role, Role::kResponder);
    EXPECT_EQ(found->requests_per_minute, 60U);
    EXPECT_EQ(table->find_id(found->id, kNoon), found);
    EXPECT_TRUE(TokenBook::read("")->tokens().empty());
}

TEST(TokenBook, a_file_that_was_changed_is_refused) {
    SeededRandom random(1);
    TokenBook book;
    ASSERT_TRUE(book.create(wish("first"), kNoon, random).has_value());
    const std::string good = book.write();
    std::string twice = good;
    const std::string record =
        good.substr(good.find('[') + 1, good.rfind(']') - good.find('[') - 1);
    twice.insert(good.find('[') + 1, record + ",");
    std::string role = good;
    role.replace(role.find("administrator"), 13, "owner");
    for (const std::string& each :
         {std::string("{"), std::string("[]"), std::string(R"({"version":2,"tokens":[]})"), twice,
          role, good.substr(0, good.size() - 2)}) {
        EXPECT_FALSE(TokenBook::read(each).has_value()) << each;
    }
}

TEST(TokenBook, names_are_taken_once_and_given_back) {
    SeededRandom random(1);
    TokenBook book;
    ASSERT_TRUE(book.create(wish("ci"), kNoon, random).has_value());
    EXPECT_TRUE(book.create(wish("ci"), kNoon, random).error().is(ApiError::kNameTaken));
    EXPECT_TRUE(book.create(wish("C I"), kNoon, random).error().is(ApiError::kNameMalformed));
    EXPECT_TRUE(book.revoke("nobody").error().is(ApiError::kTokenUnknown));
    EXPECT_EQ(book.revoke(book.tokens().back().id)->name, "ci");
    EXPECT_TRUE(book.create(wish("ci"), kNoon, random).has_value());
}

TEST(TokenBook, holds_its_bound) {
    SeededRandom random(1);
    TokenBook book;
    for (std::size_t index = 0; index < kTokensMax; ++index) {
        ASSERT_TRUE(
            book.create(wish(("t" + std::to_string(index)).c_str()), kNoon, random).has_value()
        );
    }
    EXPECT_TRUE(book.create(wish("more"), kNoon, random).error().is(ApiError::kTooManyTokens));
    EXPECT_LE(book.write().size(), kTokenFileMax);
}

TEST(Base64url, has_one_text_for_each_value) {
    // RFC 4648 section 10.
    const auto bytes = [](std::string_view text) {
        return ByteView(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
    };
    EXPECT_EQ(to_base64url(bytes("")), "");
    EXPECT_EQ(to_base64url(bytes("f")), "Zg");
    EXPECT_EQ(to_base64url(bytes("fo")), "Zm8");
    EXPECT_EQ(to_base64url(bytes("foobar")), "Zm9vYmFy");
    EXPECT_EQ(from_base64url("Zm8")->size(), 2U);
    EXPECT_FALSE(from_base64url("Zm9").has_value());  // bits that no byte has
    EXPECT_FALSE(from_base64url("Z").has_value());
    EXPECT_FALSE(from_base64url("Zg==").has_value());
}

}  // namespace
}  // namespace phantom::api
