#pragma once

// From a request to its answer, without I/O. decide() answers what can be answered here (refusals among it), or says
// what the node is to be asked; render() makes the node's word into an answer, once for all who asked for the same;
// finish() makes it this caller's.
//
//   1. target and route                      parse_target, RouteTable::match; Assets, where it is the page
//   2. who is it, may it, not too often      TokenTable, GuessWatch, RateLimiter
//   3. what does it say                      body, parameters, If-Match, Idempotency-Key
//   4. the node is asked
//   5. list in pieces, ETag, 304             render, finish
//
// Thread: its owner's.

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <boost/json.hpp>

#include "api/assets.h"
#include "api/event_ring.h"
#include "api/idempotency.h"
#include "api/limits.h"
#include "api/message.h"
#include "api/problem.h"
#include "api/question_queue.h"
#include "api/route.h"
#include "api/token.h"

namespace phantom::api {

inline constexpr std::size_t kBodySizeMax = std::size_t{1} << 20U;
inline constexpr Duration kQuestionPatience = std::chrono::seconds(5);

class Application {
  public:
    // `epoch` is another one at each start.
    Application(RouteTable table, std::string version, std::string epoch);

    // What "/" and below are answered with; without it they are no place.
    void set_page(Assets page) { page_ = std::move(page); }
    void set_tokens(std::shared_ptr<const TokenTable> tokens) { tokens_ = std::move(tokens); }

    // Waits for the node.
    struct Asked {
        const Route* route = nullptr;
        Call call;
        Question question;  // without tickets
        std::string if_none_match;
        std::string idempotency;  // the key that is in progress
        std::vector<std::pair<std::string_view, std::string>> headers;  // of this caller
        bool is_head = false;
        bool is_dry_run = false;
        std::string ack_token;
    };
    // Listens from now on.
    struct Listening {
        Response head;
        std::string begin;  // what is said at once
        std::uint64_t position = 0;
        std::string token_id;  // empty: the owner
    };
    using Decision = std::variant<Response, Asked, Listening>;

    [[nodiscard]] Decision decide(const Request& request, Instant now, WallTime wall);

    struct Rendered {
        Response response;
        std::string etag;
    };
    [[nodiscard]] Rendered render(const Asked& asked, boost::json::object answer) const;
    [[nodiscard]] Response finish(const Asked& asked, const Rendered& rendered);
    // There was no room for the question.
    [[nodiscard]] Response refuse(const Asked& asked);

    [[nodiscard]] EventRing& events() { return events_; }
    // Whether a listener may go on.
    [[nodiscard]] bool is_good(const std::string& token_id, WallTime wall) const;
    [[nodiscard]] std::vector<GuessReport> take_reports() { return std::exchange(reports_, {}); }

  private:
    struct Principal {
        const Token* token = nullptr;  // null: the owner, or a stranger at a public place
        std::string origin;            // for people
        std::vector<std::pair<std::string_view, std::string>> headers;
    };

    // Nothing: it may. Otherwise the refusal.
    [[nodiscard]] std::optional<Response> admit(
        const Request& request, const Route& route, Instant now, WallTime wall, Principal& who
    );
    [[nodiscard]] std::optional<Response> recognise(
        const Request& request, Instant now, WallTime wall, Principal& who
    );
    [[nodiscard]] std::optional<Response> count(
        const std::string& key, std::uint32_t cost, std::uint32_t per_minute, Instant now,
        Principal& who
    );
    // The body as a value; null where the route takes none.
    [[nodiscard]] std::expected<boost::json::value, Response> read_body(
        const Request& request, const Route& route
    ) const;
    [[nodiscard]] static std::optional<Response> check_scope(
        const Principal& who, const std::string& scope
    );
    [[nodiscard]] Decision answer(
        const Request& request, const RouteTable::Match& match, Call call, Principal who,
        Instant now
    );
    [[nodiscard]] Decision ask(
        const Request& request, const Route& route, Call call, Principal who, Instant now
    );
    [[nodiscard]] Decision listen(const Request& request, const Principal& who) const;
    [[nodiscard]] std::optional<Response> begin_once(
        const Request& request, const Principal& who, Instant now, Asked& asked
    );

    RouteTable table_;
    Assets page_;
    std::string version_;
    EventRing events_;
    std::shared_ptr<const TokenTable> tokens_;
    std::shared_ptr<const std::string> openapi_;  // made when it is first asked for
    RateLimiter limiter_;
    GuessWatch guesses_;
    IdempotentRequests once_;
    std::vector<GuessReport> reports_;
};

}  // namespace phantom::api
