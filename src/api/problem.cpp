#include "api/problem.h"

#include <algorithm>
#include <array>

#include "base/assert.h"
#include "fields/fields.h"

namespace phantom::api {

namespace {

namespace json = boost::json;

std::int64_t number_in(const json::object& object, const char* key) {
    const json::value* value = object.if_contains(key);
    boost::system::error_code bad;
    const auto number = value == nullptr ? 0 : value->to_number<std::int64_t>(bad);
    return bad ? 0 : number;
}

}  // namespace

const std::vector<ProblemKind>& problem_kinds() {
    static const std::vector<ProblemKind> kinds{
        {"bad-request", 400, "The request cannot be understood",
         "Look at its target and its header."},
        {"bad-json", 400, "The body is no JSON", "The detail says where it stops to be."},
        {"unauthorized", 401, "A token is needed",
         "Send 'Authorization: Bearer pm_...'; 'phantom api-token create' prints one."},
        {"forbidden", 403, "The token may not do this",
         "The detail names the scope; a token with another role may have it."},
        {"no-csrf", 403, "The session's word is missing, or another's",
         "Send what 'GET /api/v1/sessions/self' says as X-CSRF-Token with each change."},
        {"foreign-page", 403, "A page of somebody else's asks this",
         "Sign in at the node's own page, by an address or a name of its certificate."},
        {"not-found", 404, "There is no such thing", "The list beside it says what there is."},
        {"no-route", 404, "There is no such place", "/api/v1/openapi.json lists all."},
        {"method-not-allowed", 405, "This cannot be done here", "The field Allow says what can."},
        {"timeout", 408, "The request took too long to arrive", "Send it again, faster."},
        {"refused", 409, "The node refuses", "The detail says why."},
        {"in-progress", 409, "The same is being done already",
         "Ask again later with the same Idempotency-Key: the answer will be that of the first."},
        {"precondition-failed", 412, "It is not what it was",
         "Read it again, and decide on what it is now."},
        {"too-large", 413, "The body is too large", "The detail says how large it may be."},
        {"unsupported-media-type", 415, "The body is of a type that is not understood",
         "Send 'Content-Type: application/json'."},
        {"invalid", 422, "The request does not say what is needed", "'errors' says where and why."},
        {"bad-policy", 422, "The policy is wrong, or a test of it fails",
         "'line' and 'column' say where."},
        {"key-reused", 422, "This Idempotency-Key was used for another request",
         "Take a new key for a new request."},
        {"precondition-required", 428, "Say what you believe it is",
         "Send the ETag that you have read as If-Match, or '*'."},
        {"rate-limited", 429, "Too many requests", "Wait as long as Retry-After says."},
        {"header-too-large", 431, "The header is too large", "Send fewer or smaller fields."},
        {"internal", 500, "Something went wrong inside", "The daemon's log has more."},
        {"not-implemented", 501, "This node does not know that", "Is it of an older version?"},
        {"unavailable", 503, "The node has too much to do", "Ask again in a moment."},
        {"no-answer", 504, "The node has not answered in time",
         "What was asked may still be done: look, or repeat it with the same Idempotency-Key."},
    };
    return kinds;
}

const ProblemKind* find_problem(std::string_view code) {
    const auto& kinds = problem_kinds();
    const auto found = std::ranges::find(kinds, code, &ProblemKind::code);
    return found == kinds.end() ? nullptr : &*found;
}

json::object body_of(const Problem& problem) {
    const ProblemKind* kind = find_problem(problem.code);
    PM_ASSERT(kind != nullptr);
    json::object body{
        {"type", std::string(kProblemsPath) + std::string(kind->code)},
        {"title", kind->title},
        {"status", kind->status},
        {"detail", problem.detail.empty() ? kind->advice : problem.detail},
    };
    if (!problem.faults.empty()) {
        json::array errors;
        for (const Fault& fault : problem.faults) {
            errors.push_back(json::object{{"pointer", fault.pointer}, {"detail", fault.detail}});
        }
        body["errors"] = std::move(errors);
    }
    if (problem.line != 0) {
        body["line"] = problem.line;
        body["column"] = problem.column;
    }
    return body;
}

Response response_of(const Problem& problem) {
    Response response;
    const json::object body = body_of(problem);
    response.status = static_cast<unsigned>(body.at("status").to_number<std::uint64_t>());
    response.content_type = kProblemType;
    response.headers.emplace_back("Cache-Control", "no-store");
    response.body = std::make_shared<const std::string>(json::serialize(body));
    return response;
}

std::optional<Problem> problem_in(const json::object& answer) {
    struct Pair {
        std::string_view theirs;
        std::string_view ours;
    };
    static constexpr auto kCodes = std::to_array<Pair>({
        {"bad_request", "invalid"},
        {"bad_policy", "bad-policy"},
        {"not_found", "not-found"},
        {"refused", "refused"},
        {"conflict", "precondition-failed"},
        {"too_large", "too-large"},
        {"unknown_verb", "not-implemented"},
        {"unavailable", "unavailable"},
        {"no_answer", "no-answer"},
    });
    const json::value* error = answer.if_contains("error");
    if (error == nullptr || !error->is_object()) {
        return std::nullopt;
    }
    const json::object& said = error->get_object();
    const auto* const found =
        std::ranges::find(kCodes, fields::text_at(said, "code"), &Pair::theirs);
    Problem problem;
    problem.code = found == kCodes.end() ? "internal" : found->ours;
    problem.detail = fields::text_at(said, "message");
    problem.line = number_in(said, "line");
    problem.column = number_in(said, "column");
    return problem;
}

}  // namespace phantom::api
