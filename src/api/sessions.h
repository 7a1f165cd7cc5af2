#pragma once

// People who have signed in with the page. A session is a cookie of 256 random bits, of which SHA-256 is kept, and a word
// beside it (`csrf`) that its page sends with each change: another site can make a browser send the cookie, and cannot
// read the word, which follows from the cookie. A session stands for who opened it: a token, which has to be good still, or
// a person. Pure; the clocks are arguments. Thread: its owner's.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "api/token.h"
#include "base/clock.h"
#include "base/random.h"

namespace phantom::api {

inline constexpr std::size_t kSessionsMax = 256;
// Of one token or person; the one that was used longest ago gives way.
inline constexpr std::size_t kSessionsOfOneMax = 16;
// Nothing was asked with it for so long, and since it was opened.
inline constexpr Duration kSessionIdle = std::chrono::minutes(30);
inline constexpr Duration kSessionLifetime = std::chrono::hours(12);
inline constexpr std::size_t kSessionFileMax = std::size_t{256} << 10U;

struct Session {
    std::string id;         // the first 8 digits of its cookie's hash
    std::string csrf;       // empty after a restart, until it is used
    Token who;              // as it was when it was opened
    bool is_token = false;  // what the token may is asked of the tokens there are
    std::string address;
    WallTime opened;
    WallTime ends;  // or with the token, or when it is idle
    Instant used;
    WallTime used_at;  // the same, for people
};

class SessionTable {
  public:
    struct Opened {
        std::string cookie;  // its value, this once
        const Session& session;
    };
    [[nodiscard]] Opened open(
        const Token& who, bool is_token, const std::string& address, Instant now, WallTime wall,
        Random& random
    );
    // By the cookie's value; used now. Null: there is none, or it is over.
    [[nodiscard]] const Session* use(std::string_view cookie, Instant now, WallTime wall);
    // By its id; not used by that.
    [[nodiscard]] const Session* find(std::string_view id, Instant now, WallTime wall) const;
    // False: there is none.
    bool close(std::string_view id);
    [[nodiscard]] std::vector<const Session*> all(Instant now, WallTime wall) const;

    // For the next start: hashes of cookies, and whose they are. What write() wrote; each counts as used `now`.
    // kSessionsUnreadable.
    [[nodiscard]] std::string write() const;
    [[nodiscard]] static Result<SessionTable> read(
        std::string_view text, Instant now, WallTime wall
    );

  private:
    [[nodiscard]] static bool is_over(const Session& session, Instant now, WallTime wall);
    void make_room(const std::string& token_id, Instant now, WallTime wall);

    std::map<TokenHash, Session> sessions_;  // by the hash of the cookie's bytes
};

}  // namespace phantom::api
