#pragma once

// From a request to its answer, without I/O. decide() answers what can be answered here (refusals among it), or says
// what the node is to be asked; render() makes the node's word into an answer, once for all who asked for the same;
// finish() makes it this caller's.
//
//   1. target and route                      parse_target, RouteTable::match; Assets, where it is the page
//   2. who is it, may it, not too often      TokenTable, SessionTable, GuessWatch, RateLimiter (application_who.cpp)
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
#include "api/browser.h"
#include "api/event_ring.h"
#include "api/idempotency.h"
#include "api/limits.h"
#include "api/members.h"
#include "api/message.h"
#include "api/problem.h"
#include "api/question_queue.h"
#include "api/route.h"
#include "api/sessions.h"
#include "api/token.h"

namespace phantom::api {

inline constexpr std::size_t kBodySizeMax = std::size_t{1} << 20U;
inline constexpr Duration kQuestionPatience = std::chrono::seconds(5);
// Where an issuer is asked, three times perhaps.
inline constexpr Duration kPersonPatience = std::chrono::seconds(20);

class Application {
  public:
    // `epoch` is another one at each start.
    Application(RouteTable table, std::string version, std::string epoch);

    // What "/" and below are answered with; without it they are no place.
    void set_page(Assets page) { page_ = std::move(page); }
    void set_tokens(std::shared_ptr<const TokenTable> tokens) { tokens_ = std::move(tokens); }
    void set_members(std::shared_ptr<const MemberTable> members) { members_ = std::move(members); }
    [[nodiscard]] bool is_member(const MemberKey& key) const {
        return members_->find(key) != nullptr;
    }
    // Under which names the page may be opened that has a session.
    void set_hosts(HostNames hosts) { hosts_ = std::move(hosts); }
    // Those of before the last start; and as they are, whenever some were opened or closed since the last call.
    void set_sessions(SessionTable sessions) { sessions_ = std::move(sessions); }
    [[nodiscard]] std::optional<std::string> take_changed_sessions() {
        return std::exchange(sessions_changed_, false) ? std::optional(sessions_.write())
                                                       : std::nullopt;
    }
    // "__Host-...", of this node alone: a cookie is sent to each port of its host.
    void set_session_cookie(std::string name) { session_cookie_ = std::move(name); }

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
        // Who signs in, where the node has noted it; the session that is over then.
        std::optional<Token> signs_in;
        std::string session;
        bool ends_own_session = false;
        std::string trace_id;  // of the caller's; empty: none
        std::string address;
        Instant at;
        WallTime wall;
    };
    // As whom somebody listens: empty are the owner, and no session.
    struct Whose {
        std::string token;
        std::string session;
        std::optional<MemberKey> member{};
    };
    // Listens from now on.
    struct Listening {
        Response head;
        std::string begin;  // what is said at once
        std::uint64_t position = 0;
        Whose whose;
    };
    using Decision = std::variant<Response, Asked, Listening>;

    [[nodiscard]] Decision decide(const Request& request, Instant now, WallTime wall);

    struct Rendered {
        Response response;
        std::string etag;
        std::optional<Token> person;  // who signs in
        std::string flow;             // for the browser that is sent away
    };
    [[nodiscard]] Rendered render(const Asked& asked, boost::json::object answer) const;
    [[nodiscard]] Response finish(const Asked& asked, const Rendered& rendered);
    // A refusal names the caller's trace, where he has one.
    [[nodiscard]] static Response with_trace(Response response, std::string_view trace_id);
    // There was no room for the question.
    [[nodiscard]] Response refuse(const Asked& asked);

    [[nodiscard]] EventRing& events() { return events_; }
    // Whether a listener may go on.
    [[nodiscard]] bool is_good(const Whose& whose, Instant now, WallTime wall) const;
    [[nodiscard]] std::vector<GuessReport> take_reports() { return std::exchange(reports_, {}); }
    // Shown so far that are none.
    [[nodiscard]] std::uint64_t rejected_tokens() const { return rejected_tokens_; }

  private:
    struct Principal {
        const Token* token = nullptr;  // null: the owner, or a stranger at a public place
        const Session* session = nullptr;
        bool is_member = false;
        std::string origin;  // for people
        std::vector<std::pair<std::string_view, std::string>> headers;
    };

    // Nothing: it may. Otherwise the refusal.
    [[nodiscard]] std::optional<Response> admit(
        const Request& request, const Route& route, Instant now, WallTime wall, Principal& who
    );
    [[nodiscard]] std::optional<Response> recognise(
        const Request& request, Instant now, WallTime wall, Principal& who
    );
    [[nodiscard]] std::optional<Response> recognise_token(
        std::string_view text, const Request& request, Instant now, WallTime wall, Principal& who
    );
    [[nodiscard]] std::optional<Response> recognise_session(
        std::string_view cookie, const Request& request, Instant now, WallTime wall, Principal& who
    );
    [[nodiscard]] std::optional<Response> recognise_member(
        const MemberKey& key, const Request& request, Instant now, Principal& who
    );
    [[nodiscard]] bool comes_from_own_page(const Request& request) const;
    [[nodiscard]] const Token* token_of(const Session& session, WallTime wall) const;
    [[nodiscard]] std::optional<Response> count_stranger(
        const Request& request, Instant now, Principal& who
    );
    [[nodiscard]] static boost::json::object describe(const Principal& who);
    [[nodiscard]] static std::expected<boost::json::object, Response> describe_session_of(
        const Principal& who
    );
    [[nodiscard]] boost::json::object list_sessions(
        const Principal& who, Instant now, WallTime wall
    ) const;
    // What the node is told; or the refusal.
    [[nodiscard]] std::optional<Response> prepare_sign_in(
        const Request& request, const Principal& who, Asked& asked
    ) const;
    [[nodiscard]] std::optional<Response> prepare_sign_out(
        const Call& call, const Principal& who, Instant now, WallTime wall, Asked& asked
    ) const;
    void sign_in(const Token& token, const Asked& asked, Response& response);
    void sign_in_person(const Asked& asked, const Token& person, Response& response);
    [[nodiscard]] static Rendered render_person(const boost::json::object& answer);
    [[nodiscard]] std::string flow_cookie() const { return session_cookie_ + "-flow"; }
    void sign_out(const Asked& asked, Response& response);
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
        Instant now, WallTime wall
    );
    [[nodiscard]] Decision ask(
        const Request& request, const Route& route, Call call, Principal who, Instant now,
        WallTime wall
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
    std::shared_ptr<const MemberTable> members_ = std::make_shared<const MemberTable>();
    std::shared_ptr<const std::string> openapi_;  // made when it is first asked for
    RateLimiter limiter_;
    GuessWatch guesses_;
    IdempotentRequests once_;
    SessionTable sessions_;
    bool sessions_changed_ = false;
    HostNames hosts_;
    std::string session_cookie_ = "__Host-phantom";
    std::unique_ptr<Random> random_ = std::make_unique<SystemRandom>();
    std::vector<GuessReport> reports_;
    std::uint64_t rejected_tokens_ = 0;
};

}  // namespace phantom::api
