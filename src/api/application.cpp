#include "api/application.h"

#include <algorithm>

#include <fmt/format.h>

#include "api/ack_page.h"
#include "api/openapi.h"
#include "api/responses.h"
#include "base/base64url.h"
#include "crypto/sha256.h"

namespace phantom::api {

namespace {

namespace json = boost::json;

constexpr const char* kJsonType = "application/json";
constexpr const char* kFormType = "application/x-www-form-urlencoded";

Response json_response(std::shared_ptr<const std::string> body) {
    Response response;
    response.headers.emplace_back("Cache-Control", "no-store");
    response.body = std::move(body);
    return response;
}

Response json_response(const json::object& body) {
    return json_response(std::make_shared<const std::string>(json::serialize(body)));
}

// "application/json" of "application/json; charset=utf-8".
std::string_view essence_of(std::string_view type) {
    type = type.substr(0, type.find(';'));
    return type.substr(0, type.find_last_not_of(" \t") + 1);
}

std::expected<json::value, Response> parse_form_body(const std::string& body) {
    const auto form = parse_form(body);
    if (!form) {
        return std::unexpected(refusal("bad-request", form.error().what()));
    }
    json::object fields;
    for (const auto& [name, value] : *form) {
        fields[name] = value;
    }
    return fields;
}

std::expected<json::value, Response> parse_json_body(const std::string& body) {
    constexpr std::size_t kDepthMax = 32;
    json::parse_options options;
    options.max_depth = kDepthMax;
    json::stream_parser parser({}, options);
    boost::system::error_code bad;
    const std::size_t read = parser.write_some(body, bad);
    if (!bad && read == body.size()) {
        parser.finish(bad);
    }
    if (bad || read != body.size()) {
        return std::unexpected(
            refusal("bad-json", fmt::format("It stops to be JSON after {} bytes.", read))
        );
    }
    return parser.release();
}

bool says_dry_run(const Call& call) {
    const auto found = call.query.find("dry_run");
    return found != call.query.end() && found->second.is_bool() && found->second.get_bool();
}

json::object question_of(const Route& route, const Call& call) {
    json::object question{{"verb", route.verb}};
    for (const auto* fields : {&call.query, &call.path}) {
        for (const auto& [name, value] : *fields) {
            question[name] = value;
        }
    }
    // A field of the body may bear a name of these; it is not what is asked.
    for (const auto& field : call.body) {
        question.emplace(field.key(), field.value());
    }
    if (route.pages_itself) {
        question["count"] = static_cast<std::int64_t>(call.page.limit);
        if (call.page.after) {
            question["before"] = *call.page.after;
        }
    }
    if (route.ask) {
        route.ask(call, question);
    }
    return question;
}

// If-Match as the field of a question; an error's code where there is none or it is no tag of ours.
std::expected<void, Response> add_match(
    const Request& request, const Route& route, json::object& question
) {
    if (!route.needs_match) {
        return {};
    }
    const std::string_view field = request.if_match;
    if (field.empty()) {
        return std::unexpected(refusal("precondition-required"));
    }
    if (field == "*") {
        return {};
    }
    Type number;
    number.kind = Type::Kind::kInteger;
    const bool is_quoted = field.size() > 2 && field.front() == '"' && field.back() == '"';
    json::value value =
        is_quoted ? value_of_text(number, field.substr(1, field.size() - 2)) : json::value();
    if (!value.is_int64()) {
        return std::unexpected(refusal("precondition-failed"));
    }
    question[fmt::format("if_{}", route.version_field)] = std::move(value);
    return {};
}

}  // namespace

Application::Application(RouteTable table, std::string version, std::string epoch)
    : table_(std::move(table)),
      version_(std::move(version)),
      events_(std::move(epoch)),
      tokens_(std::make_shared<const TokenTable>(std::vector<Token>())) {}

Application::Decision Application::decide(const Request& request, Instant now, WallTime wall) {
    const auto target = parse_target(request.target);
    if (!target) {
        return refusal("bad-request", target.error().what());
    }
    const RouteTable::Match match = table_.match(request.method, target->segments);
    if (match.route == nullptr) {
        Principal who;
        if (auto refused =
                count("at " + address_key(request.caller.address), 1, kStrangerPerMinute, now, who);
            refused && !request.caller.is_owner) {
            return std::move(*refused);
        }
        if (match.allow.empty()) {
            const std::string_view path(request.target);
            auto asset = page_.answer(request, path.substr(0, path.find('?')));
            return asset ? std::move(*asset) : refusal("no-route");
        }
        return with(refusal("method-not-allowed"), {{"Allow", match.allow}});
    }
    const Route& route = *match.route;
    Principal who;
    if (auto refused = admit(request, route, now, wall, who)) {
        return std::move(*refused);
    }
    auto body = read_body(request, route);
    if (!body) {
        return with(std::move(body.error()), who.headers);
    }
    auto call = table_.call(match, *target, *body);
    if (!call) {
        return with(refusal("invalid", "See 'errors'.", std::move(call.error())), who.headers);
    }
    if (route.also_needs) {
        if (auto refused = check_scope(who, route.also_needs(*call))) {
            return std::move(*refused);
        }
    }
    return answer(request, match, std::move(*call), std::move(who), now, wall);
}

std::expected<json::value, Response> Application::read_body(
    const Request& request, const Route& route
) const {
    if (route.body.empty()) {
        if (!request.body.empty() && request.body != "{}") {
            return std::unexpected(refusal("invalid", "This takes no body."));
        }
        return json::value(nullptr);
    }
    const bool may_be_empty =
        std::ranges::all_of(table_.shapes().find(route.body)->fields, &Field::is_optional);
    if (request.body.empty() && may_be_empty) {
        return json::object();
    }
    const bool is_form = route.does == Route::Does::kAckPage;
    const char* const wanted = is_form ? kFormType : kJsonType;
    if (essence_of(request.content_type) != wanted) {
        return std::unexpected(
            refusal("unsupported-media-type", fmt::format("Send 'Content-Type: {}'.", wanted))
        );
    }
    return is_form ? parse_form_body(request.body) : parse_json_body(request.body);
}

// ---- What is answered here --------------------------------------------------------------------------

Application::Decision Application::answer(
    const Request& request, const RouteTable::Match& match, Call call, Principal who, Instant now,
    WallTime wall
) {
    const Route& route = *match.route;
    switch (route.does) {
        case Route::Does::kAsk:
        case Route::Does::kAckPage:
        case Route::Does::kText:
        case Route::Does::kSignIn:
        case Route::Does::kSignOut:
        case Route::Does::kPersonBegin:
        case Route::Does::kPersonEnd:
            return ask(request, route, std::move(call), std::move(who), now, wall);
        case Route::Does::kEvents:
            return listen(request, who);
        case Route::Does::kSelf:
            return with(json_response(describe(who)), who.headers);
        case Route::Does::kSession: {
            const auto session = describe_session_of(who);
            return with(session ? json_response(*session) : session.error(), who.headers);
        }
        case Route::Does::kSessions:
            return with(json_response(list_sessions(who, now, wall)), who.headers);
        case Route::Does::kOpenApi:
            if (openapi_ == nullptr) {
                openapi_ =
                    std::make_shared<const std::string>(json::serialize(openapi_of(table_, version_)
                    ));
            }
            return with(json_response(openapi_), who.headers);
        case Route::Does::kProblem:
            break;
    }
    const ProblemKind* kind = find_problem(call.path.at("code").as_string());
    if (kind == nullptr) {
        return with(refusal("not-found"), who.headers);
    }
    return with(
        json_response(json::object{
            {"type", std::string(kProblemsPath) + std::string(kind->code)},
            {"title", kind->title},
            {"status", kind->status},
            {"advice", kind->advice},
        }),
        who.headers
    );
}

Application::Decision Application::listen(const Request& request, const Principal& who) const {
    Listening listening;
    listening.head.content_type = "text/event-stream";
    listening.head.headers = who.headers;
    listening.head.headers.emplace_back("Cache-Control", "no-store");
    listening.whose = {
        .token = who.token == nullptr ? "" : who.token->id,
        .session = who.session == nullptr ? "" : who.session->id,
        .member = who.is_member ? request.caller.member : std::nullopt,
    };
    listening.position = events_.end();
    // A comment, so that whoever listens knows at once that it does.
    listening.begin = "retry: 2000\n: listening\n\n";
    if (!request.last_event_id.empty()) {
        if (const auto after = events_.after(request.last_event_id)) {
            listening.position = *after;
        } else {
            listening.begin += events_.reset_text();
        }
    }
    return listening;
}

// ---- What the node is asked -------------------------------------------------------------------------

Application::Decision Application::ask(
    const Request& request, const Route& route, Call call, Principal who, Instant now, WallTime wall
) {
    Asked asked;
    asked.route = &route;
    asked.is_head = request.method == Method::kHead;
    asked.is_dry_run = says_dry_run(call);
    asked.if_none_match = request.if_none_match;
    asked.question.request = question_of(route, call);
    if (route.does == Route::Does::kText) {
        asked.question.request["accept"] = request.accept;
    }
    if (auto matched = add_match(request, route, asked.question.request); !matched) {
        return with(std::move(matched.error()), who.headers);
    }
    asked.address = request.caller.address;
    asked.at = now;
    asked.wall = wall;
    if (route.does == Route::Does::kSignIn) {
        if (auto refused = prepare_sign_in(request, who, asked)) {
            return with(std::move(*refused), who.headers);
        }
    }
    if (route.does == Route::Does::kSignOut) {
        if (auto refused = prepare_sign_out(call, who, now, wall, asked)) {
            return with(std::move(*refused), who.headers);
        }
    }
    if (route.does == Route::Does::kAckPage) {
        const json::value* token = asked.question.request.if_contains("token");
        asked.ack_token = token == nullptr ? "" : plain_text(*token);
    } else if (auto early = begin_once(request, who, now, asked)) {
        return with(std::move(*early), who.headers);
    }
    const bool is_person =
        route.does == Route::Does::kPersonBegin || route.does == Route::Does::kPersonEnd;
    if (is_person) {
        asked.question.request["flow"] = cookie_in(request.cookie, flow_cookie());
    } else if (route.is_read()) {
        // What is asked for in another form is another answer.
        asked.question.key = route.does == Route::Does::kText
                                 ? fmt::format("{} {}", request.target, request.accept)
                                 : request.target;
    }
    asked.question.origin = who.origin;
    asked.question.traceparent = request.traceparent;
    asked.trace_id = trace_id_of(request);
    asked.question.deadline = now + (is_person ? kPersonPatience : kQuestionPatience);
    asked.headers = std::move(who.headers);
    asked.call = std::move(call);
    return asked;
}

std::optional<Response> Application::begin_once(
    const Request& request, const Principal& who, Instant now, Asked& asked
) {
    if (request.method != Method::kPost || request.idempotency_key.empty()) {
        return std::nullopt;
    }
    if (!is_idempotency_key(request.idempotency_key)) {
        return refusal(
            "bad-request",
            fmt::format("Idempotency-Key has 1 to {} printable characters.", kIdempotencyKeyMax)
        );
    }
    const auto bytes = [](const std::string& text) {
        return ByteView(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
    };
    const crypto::Hash target = crypto::sha256({bytes(request.target)});
    const crypto::Hash body = crypto::sha256({bytes(request.body)});
    const std::string print = to_base64url(target) + to_base64url(body);
    const std::string key = fmt::format(
        "{} {}", who.token == nullptr ? "owner" : who.token->id, request.idempotency_key
    );
    switch (once_.begin(key, print, now)) {
        case IdempotentRequests::Verdict::kNew:
            asked.idempotency = key;
            return std::nullopt;
        case IdempotentRequests::Verdict::kInProgress:
            return refusal("in-progress");
        case IdempotentRequests::Verdict::kDone:
            return with(once_.response_of(key), {{"Idempotent-Replayed", "true"}});
        case IdempotentRequests::Verdict::kOther:
            return refusal("key-reused");
        case IdempotentRequests::Verdict::kFull:
            break;
    }
    return refusal("unavailable", "Too many requests with an Idempotency-Key are in progress.");
}

}  // namespace phantom::api
