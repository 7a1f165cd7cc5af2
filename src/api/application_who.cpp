// A part of application.h: who asks, by a token or by a session, whether it may, and not too often; people who sign in.

#include <fmt/format.h>

#include "api/application.h"
#include "api/responses.h"
#include "crypto/secret.h"
#include "fields/fields.h"

namespace phantom::api {

namespace {

namespace json = boost::json;

constexpr std::string_view kBearer = "Bearer ";

// RFC 6265 section 4.1. "__Host-": of this very host, by TLS alone, for all of its paths (RFC 6265bis section 4.1.3.2).
std::string cookie_field(std::string_view name, std::string_view value, std::int64_t max_age_s) {
    return fmt::format(
        "{}={}; Path=/; Max-Age={}; Secure; HttpOnly; SameSite=Strict", name, value, max_age_s
    );
}

std::int64_t seconds_of(WallTime at) {
    return at.ns / 1'000'000'000;
}

bool is_same_secret(std::string_view one, std::string_view other) {
    const auto bytes = [](std::string_view text) {
        return ByteView(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
    };
    return one.size() == other.size() && crypto::equal_constant_time(bytes(one), bytes(other));
}

json::object describe_token(const Token* token) {
    if (token == nullptr) {
        return {
            {"id", ""},
            {"name", "owner"},
            {"role", name_of(Role::kAdministrator)},
            {"scopes", json::array()},
            {"expires", ""},
        };
    }
    return {
        {"id", token->id},
        {"name", token->name},
        {"role", name_of(token->role)},
        {"scopes", json::array(token->scopes.begin(), token->scopes.end())},
        {"expires", token->expires.ns == 0 ? "" : time_text(seconds_of(token->expires))},
    };
}

json::object describe_session(const Session& session, const Token& who) {
    return {
        {"id", session.id},
        {"csrf", session.csrf},
        {"opened", time_text(seconds_of(session.opened))},
        {"ends", time_text(seconds_of(session.ends))},
        {"idle_s", std::chrono::duration_cast<std::chrono::seconds>(kSessionIdle).count()},
        {"who", describe_token(&who)},
    };
}

}  // namespace

std::optional<Response> Application::admit(
    const Request& request, const Route& route, Instant now, WallTime wall, Principal& who
) {
    if (request.caller.is_owner) {
        who.origin = fmt::format("api, {}", request.caller.address);
        return std::nullopt;
    }
    const std::uint32_t cost = route.is_read() ? 1 : kWriteCost;
    if (route.is_public) {
        who.origin = fmt::format("link, {}", request.caller.address);
        return count_stranger(request, now, who);
    }
    if (auto refused = recognise(request, now, wall, who)) {
        return refused;
    }
    const Token& token = *who.token;
    token.last_used_s->store(seconds_of(wall), std::memory_order_relaxed);
    if (token.requests_per_minute != 0) {
        if (auto refused = count(token.id, cost, token.requests_per_minute, now, who)) {
            return refused;
        }
    }
    if (auto refused = check_scope(who, route.scope())) {
        return refused;
    }
    const bool is_person = who.session != nullptr && !who.session->is_token;
    const char* const kind = who.is_member ? "member" : is_person ? "person" : "api token";
    who.origin = fmt::format(
        "{} {} ({}), {}{}", kind, token.name, token.id, request.caller.address,
        who.session == nullptr ? "" : ", session " + who.session->id
    );
    return std::nullopt;
}

std::optional<Response> Application::check_scope(const Principal& who, const std::string& scope) {
    if (who.token == nullptr || scope.empty() || who.token->may(scope)) {
        return std::nullopt;
    }
    return with(
        refusal(
            "forbidden", fmt::format(
                             "The token '{}' ({}) has not the scope {}.", who.token->name,
                             name_of(who.token->role), scope
                         )
        ),
        who.headers
    );
}

std::optional<Response> Application::recognise(
    const Request& request, Instant now, WallTime wall, Principal& who
) {
    const std::string_view field = request.authorization;
    if (field.starts_with(kBearer)) {
        return recognise_token(field.substr(kBearer.size()), request, now, wall, who);
    }
    const std::string_view cookie = cookie_in(request.cookie, session_cookie_);
    if (!cookie.empty()) {
        return recognise_session(cookie, request, now, wall, who);
    }
    if (request.caller.member) {
        return recognise_member(*request.caller.member, request, now, who);
    }
    // No guess: a browser or a probe that does not know.
    if (auto refused = count_stranger(request, now, who)) {
        return refused;
    }
    return with(refusal("unauthorized"), {{"WWW-Authenticate", "Bearer realm=\"phantommesh\""}});
}

std::optional<Response> Application::recognise_token(
    std::string_view text, const Request& request, Instant now, WallTime wall, Principal& who
) {
    const auto hash = hash_of_token(text);
    who.token = hash ? tokens_->find(*hash, wall) : nullptr;
    if (who.token != nullptr) {
        return std::nullopt;
    }
    ++rejected_tokens_;
    const std::string address = address_key(request.caller.address);
    const Duration patience = guesses_.patience(address, now);
    if (const auto told = guesses_.failed(address, now)) {
        reports_.push_back({.address = request.caller.address, .count = *told});
    }
    if (patience > Duration::zero()) {
        const auto wait_s = std::chrono::ceil<std::chrono::seconds>(patience).count();
        return with(
            refusal("rate-limited", "Too many tokens that are none came from this address."),
            {{"Retry-After", std::to_string(wait_s)}}
        );
    }
    return with(
        refusal("unauthorized", "This token is none, or its time is over, or it was revoked."),
        {{"WWW-Authenticate", "Bearer realm=\"phantommesh\", error=\"invalid_token\""}}
    );
}

// What a browser sends by itself is no word of its user's: a change needs what only the node's own page can read.
std::optional<Response> Application::recognise_session(
    std::string_view cookie, const Request& request, Instant now, WallTime wall, Principal& who
) {
    who.session = sessions_.use(cookie, now, wall);
    who.token = who.session == nullptr ? nullptr : token_of(*who.session, wall);
    if (who.token == nullptr) {
        if (auto refused = count_stranger(request, now, who)) {
            return refused;
        }
        return with(
            refusal("unauthorized", "This session is over: sign in again."),
            {{"Set-Cookie", cookie_field(session_cookie_, "", 0)},
             {"WWW-Authenticate", "Bearer realm=\"phantommesh\""}}
        );
    }
    if (!comes_from_own_page(request)) {
        return refusal("foreign-page");
    }
    const bool is_read = request.method == Method::kGet || request.method == Method::kHead;
    if (!is_read && !is_same_secret(request.csrf, who.session->csrf)) {
        return refusal("no-csrf");
    }
    return std::nullopt;
}

// A certificate is shown by itself, as a cookie is.
std::optional<Response> Application::recognise_member(
    const MemberKey& key, const Request& request, Instant now, Principal& who
) {
    who.token = members_->find(key);
    if (who.token == nullptr) {
        if (auto refused = count_stranger(request, now, who)) {
            return refused;
        }
        return with(
            refusal(
                "unauthorized",
                "The key of this certificate is no current member's, or members may "
                "not ask here ('phantom api-token members')."
            ),
            {{"WWW-Authenticate", "Bearer realm=\"phantommesh\""}}
        );
    }
    const bool is_browser = !request.origin.empty() || !request.sec_fetch_site.empty();
    if (is_browser && !comes_from_own_page(request)) {
        return refusal("foreign-page");
    }
    who.is_member = true;
    return std::nullopt;
}

bool Application::comes_from_own_page(const Request& request) const {
    return hosts_.knows(request.host) && is_from_own_page(
                                             {.host = request.host,
                                              .origin = request.origin,
                                              .sec_fetch_site = request.sec_fetch_site}
                                         );
}

// Null: the token that it stands for is none any more.
const Token* Application::token_of(const Session& session, WallTime wall) const {
    return session.is_token ? tokens_->find_id(session.who.id, wall) : &session.who;
}

std::optional<Response> Application::count_stranger(
    const Request& request, Instant now, Principal& who
) {
    return count("at " + address_key(request.caller.address), 1, kStrangerPerMinute, now, who);
}

std::optional<Response> Application::count(
    const std::string& key, std::uint32_t cost, std::uint32_t per_minute, Instant now,
    Principal& who
) {
    const auto verdict = limiter_.take(key, cost, per_minute, now);
    // draft-ietf-httpapi-ratelimit-headers: quota and window, then what is left and when it is full.
    who.headers.emplace_back("RateLimit-Policy", fmt::format("\"minute\";q={};w=60", per_minute));
    who.headers.emplace_back(
        "RateLimit", fmt::format("\"minute\";r={};t={}", verdict.remaining, verdict.reset_s)
    );
    if (verdict.is_allowed) {
        return std::nullopt;
    }
    Fields headers = who.headers;
    headers.emplace_back("Retry-After", std::to_string(verdict.wait_s));
    return with(refusal("rate-limited"), headers);
}

bool Application::is_good(const Whose& whose, Instant now, WallTime wall) const {
    if (whose.member) {
        return is_member(*whose.member);
    }
    if (whose.session.empty()) {
        return whose.token.empty() || tokens_->find_id(whose.token, wall) != nullptr;
    }
    const Session* session = sessions_.find(whose.session, now, wall);
    return session != nullptr && token_of(*session, wall) != nullptr;
}

// ---- Sessions ---------------------------------------------------------------------------------------

json::object Application::describe(const Principal& who) {
    return describe_token(who.token);
}

std::expected<json::object, Response> Application::describe_session_of(const Principal& who) {
    if (who.session == nullptr) {
        return std::unexpected(refusal("not-found", "There is no session: the token alone asks."));
    }
    return describe_session(*who.session, *who.token);
}

json::object Application::list_sessions(const Principal& who, Instant now, WallTime wall) const {
    json::array list;
    for (const Session* each : sessions_.all(now, wall)) {
        const Token* token = token_of(*each, wall);
        if (token != nullptr) {
            list.push_back(json::object{
                {"id", each->id},
                {"name", token->name},
                {"role", name_of(token->role)},
                {"address", each->address},
                {"opened", time_text(seconds_of(each->opened))},
                {"used", time_text(seconds_of(each->used_at))},
                {"ends", time_text(seconds_of(each->ends))},
                {"is_own", each == who.session},
            });
        }
    }
    return {{"schema", "phantom.sessions/1"}, {"sessions", std::move(list)}};
}

std::optional<Response> Application::prepare_sign_in(
    const Request& request, const Principal& who, Asked& asked
) const {
    if (who.token == nullptr || who.session != nullptr) {
        return refusal("refused", "A session is opened with a token.");
    }
    if (!request.origin.empty() && !comes_from_own_page(request)) {
        return refusal("foreign-page");
    }
    asked.signs_in = *who.token;
    asked.question.request["name"] = who.token->name;
    return std::nullopt;
}

std::optional<Response> Application::prepare_sign_out(
    const Call& call, const Principal& who, Instant now, WallTime wall, Asked& asked
) const {
    const auto named = call.path.find("id");
    if (named == call.path.end()) {
        asked.session = who.session == nullptr ? "" : who.session->id;
    } else if (sessions_.find(plain_text(named->second), now, wall) != nullptr) {
        asked.session = plain_text(named->second);
    }
    if (asked.session.empty()) {
        return refusal("not-found", "There is no such session.");
    }
    asked.ends_own_session = who.session != nullptr && who.session->id == asked.session;
    asked.question.request["id"] = asked.session;
    return std::nullopt;
}

// The node has noted it.
void Application::sign_in(const Token& token, const Asked& asked, Response& response) {
    const auto opened = sessions_.open(token, true, asked.address, asked.at, asked.wall, *random_);
    sessions_changed_ = true;
    const std::int64_t age_s = seconds_of(opened.session.ends) - seconds_of(asked.wall);
    response.headers.emplace_back(
        "Set-Cookie", cookie_field(session_cookie_, opened.cookie, age_s)
    );
    response.body =
        std::make_shared<const std::string>(json::serialize(describe_session(opened.session, token))
        );
}

// ---- People of an issuer ----------------------------------------------------------------------------

std::string flow_cookie_field(const std::string& name, const std::string& value) {
    constexpr std::int64_t kFlowS = 600;
    return fmt::format(
        "{}={}; Path=/; Max-Age={}; Secure; HttpOnly; SameSite=Lax", name, value,
        value.empty() ? 0 : kFlowS
    );
}

// A browser stands here, and a person before it: whatever happens, it ends at a page.
Application::Rendered Application::render_person(const json::object& answer) {
    const auto text = [&](std::string_view key) { return fields::text_at(answer, key); };
    Rendered rendered;
    Response& response = rendered.response;
    response.status = 303;
    response.headers.emplace_back("Cache-Control", "no-store");
    std::string place = text("place");
    rendered.flow = text("flow");
    if (const json::value* person = answer.if_contains("person")) {
        Token token;
        token.id = person->at("id").as_string();
        token.name = person->at("name").as_string();
        token.role = role_of(person->at("role").as_string()).value_or(Role::kViewer);
        rendered.person = std::move(token);
        place = "/";
    }
    if (place.empty()) {
        const std::string problem = text("problem");
        place = "/#sign-in=" + encode_percent(problem.empty() ? "unreachable" : problem);
    }
    response.headers.emplace_back("Location", std::move(place));
    return rendered;
}

void Application::sign_in_person(const Asked& asked, const Token& person, Response& response) {
    const auto opened =
        sessions_.open(person, false, asked.address, asked.at, asked.wall, *random_);
    sessions_changed_ = true;
    const std::int64_t age_s = seconds_of(opened.session.ends) - seconds_of(asked.wall);
    response.headers.emplace_back(
        "Set-Cookie", cookie_field(session_cookie_, opened.cookie, age_s)
    );
    response.headers.emplace_back("Set-Cookie", flow_cookie_field(flow_cookie(), ""));
}

void Application::sign_out(const Asked& asked, Response& response) {
    sessions_changed_ |= sessions_.close(asked.session);
    if (asked.ends_own_session) {
        response.headers.emplace_back("Set-Cookie", cookie_field(session_cookie_, "", 0));
    }
}

}  // namespace phantom::api
