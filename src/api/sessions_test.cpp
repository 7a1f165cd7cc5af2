#include "api/sessions.h"

#include <gtest/gtest.h>

namespace phantom::api {
namespace {

using namespace std::chrono_literals;

constexpr Instant kOpenedAt{1'000'000'000'000};
constexpr WallTime kOpenedWall{1'768'478'400'000'000'000};

Token token_of(const char* id) {
    Token token;
    token.id = id;
    token.name = id;
    return token;
}

class Sessions : public testing::Test {
  protected:
    std::string open(const char* id, Instant now = kOpenedAt, WallTime wall = kOpenedWall) {
        const auto opened = table.open(token_of(id), true, "192.0.2.7", now, wall, random);
        last = opened.session.id;
        return opened.cookie;
    }

    SeededRandom random{1};
    SessionTable table;
    std::string last;
};

TEST_F(Sessions, are_found_by_the_whole_cookie) {
    const std::string cookie = open("ann");
    const Session* session = table.use(cookie, kOpenedAt, kOpenedWall);
    ASSERT_NE(session, nullptr);
    EXPECT_EQ(session->who.id, "ann");
    EXPECT_EQ(session->csrf.size(), 43U);
    EXPECT_NE(session->csrf, cookie);
    for (std::size_t at = 0; at < cookie.size(); ++at) {
        std::string other = cookie;
        other[at] = other[at] == 'A' ? 'B' : 'A';
        EXPECT_EQ(table.use(other, kOpenedAt, kOpenedWall), nullptr) << at;
        EXPECT_EQ(table.use(cookie.substr(0, at), kOpenedAt, kOpenedWall), nullptr) << at;
    }
}

TEST_F(Sessions, end_when_nothing_is_asked_with_them) {
    const std::string cookie = open("ann");
    Instant now = kOpenedAt + kSessionIdle;
    EXPECT_NE(table.use(cookie, now, kOpenedWall), nullptr) << "to the moment";
    now = now + kSessionIdle;
    EXPECT_NE(table.use(cookie, now, kOpenedWall), nullptr) << "it was used meanwhile";
    now = now + kSessionIdle + 1ns;
    EXPECT_EQ(table.find(last, now, kOpenedWall), nullptr);
    EXPECT_EQ(table.use(cookie, now, kOpenedWall), nullptr);
    EXPECT_TRUE(table.all(kOpenedAt, kOpenedWall).empty()) << "and it does not come back";
}

TEST_F(Sessions, end_after_their_time_however_much_they_are_used) {
    const std::string cookie = open("ann");
    const WallTime end{kOpenedWall.ns + kSessionLifetime.count()};
    EXPECT_NE(table.use(cookie, kOpenedAt, {end.ns - 1}), nullptr);
    EXPECT_EQ(table.use(cookie, kOpenedAt, end), nullptr);
    Token brief = token_of("bob");
    brief.expires = {kOpenedWall.ns + 1'000};
    const auto opened = table.open(brief, true, "", kOpenedAt, kOpenedWall, random);
    EXPECT_EQ(opened.session.ends, brief.expires) << "with the token, where that ends before";
}

TEST_F(Sessions, that_were_closed_are_none) {
    const std::string one = open("ann");
    const std::string first = last;
    const std::string other = open("ann");
    EXPECT_TRUE(table.close(first));
    EXPECT_FALSE(table.close(first));
    EXPECT_EQ(table.use(one, kOpenedAt, kOpenedWall), nullptr);
    EXPECT_NE(table.use(other, kOpenedAt, kOpenedWall), nullptr);
}

TEST_F(Sessions, are_bounded_for_one_and_for_all) {
    const std::string first = open("ann");
    for (std::size_t count = 1; count < kSessionsOfOneMax; ++count) {
        (void)open("ann", kOpenedAt + 1s);
    }
    EXPECT_NE(table.use(first, kOpenedAt, kOpenedWall), nullptr);
    (void)open("ann", kOpenedAt + 2s);
    EXPECT_EQ(table.use(first, kOpenedAt + 2s, kOpenedWall), nullptr)
        << "the one unused for longest gives way";
    for (std::size_t count = 0; count < 2 * kSessionsMax; ++count) {
        (void)open(std::to_string(count / 2).c_str(), kOpenedAt + 3s);
    }
    EXPECT_EQ(table.all(kOpenedAt + 3s, kOpenedWall).size(), kSessionsMax);
    (void)open("bob", kOpenedAt + 4s + kSessionIdle);
    EXPECT_EQ(table.all(kOpenedAt + 4s + kSessionIdle, kOpenedWall).size(), 1U)
        << "those that are over go first";
}

TEST_F(Sessions, outlive_a_restart_and_not_their_time) {
    const std::string cookie = open("ann");
    const std::string csrf = table.use(cookie, kOpenedAt, kOpenedWall)->csrf;
    const std::string text = table.write();
    EXPECT_EQ(text.find(cookie), std::string::npos);
    EXPECT_EQ(text.find(csrf), std::string::npos) << "who reads the file is not signed in";
    auto read = SessionTable::read(text, kOpenedAt + 1h, {kOpenedWall.ns + 1});
    ASSERT_TRUE(read.has_value());
    const Session* session = read->use(cookie, kOpenedAt + 1h, {kOpenedWall.ns + 1});
    ASSERT_NE(session, nullptr) << "it counts as used when it was read";
    EXPECT_EQ(session->csrf, csrf);
    EXPECT_EQ(session->who.id, "ann");
    EXPECT_TRUE(session->is_token);
    EXPECT_EQ(read->use(cookie, kOpenedAt, {kOpenedWall.ns + kSessionLifetime.count()}), nullptr);
    // The clock was set back by a year.
    const WallTime before{kOpenedWall.ns - std::int64_t{365} * 86'400 * 1'000'000'000};
    auto early = SessionTable::read(text, kOpenedAt, before);
    ASSERT_TRUE(early.has_value());
    EXPECT_EQ(early->use(cookie, kOpenedAt, {before.ns + kSessionLifetime.count()}), nullptr);
}

TEST_F(Sessions, that_cannot_be_read_are_none) {
    (void)open("ann");
    const std::string text = table.write();
    for (std::size_t size = 0; size < text.size(); ++size) {
        EXPECT_FALSE(SessionTable::read(text.substr(0, size), kOpenedAt, kOpenedWall).has_value())
            << size;
    }
    EXPECT_FALSE(
        SessionTable::read(R"({"version":2,"sessions":[]})", kOpenedAt, kOpenedWall).has_value()
    );
    EXPECT_TRUE(
        SessionTable::read(R"({"version":1,"sessions":[]})", kOpenedAt, kOpenedWall).has_value()
    );
}

}  // namespace
}  // namespace phantom::api
