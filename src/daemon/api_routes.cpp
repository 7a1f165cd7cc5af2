#include "daemon/api_routes.h"

#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/assert.h"

namespace phantom::daemon {

namespace {

using api::Method;
using api::Route;
using Does = api::Route::Does;

namespace json = boost::json;

void say_health(const api::Call& /*call*/, json::object& answer) {
    answer = {{"started", answer.at("started")}, {"ready", answer.at("ready")}};
}

void add_service_routes(std::vector<Route>& routes) {
    routes.push_back(
        {.path = "/api/v1/health",
         .operation = "getHealth",
         .summary = "Whether the node answers, and has come up",
         .verb = "health",
         .answer = "Health",
         .is_public = true,
         .reshape = say_health}
    );
    routes.push_back(
        {.path = "/api/v1/openapi.json",
         .operation = "getOpenApi",
         .summary = "This contract",
         .answer = "OpenApi",
         .does = Does::kOpenApi,
         .is_public = true}
    );
    routes.push_back(
        {.path = "/api/v1/problems/{code}",
         .operation = "getProblem",
         .summary = "What a type of problem means",
         .answer = "ProblemInfo",
         .does = Does::kProblem,
         .is_public = true}
    );
    routes.push_back(
        {.path = "/api/v1/version",
         .operation = "getVersion",
         .summary = "The node's version",
         .topic = "nodes",
         .verb = "version",
         .answer = "Version"}
    );
    routes.push_back(
        {.path = "/metrics",
         .operation = "getMetrics",
         .summary = "What is counted, for Prometheus: OpenMetrics, or Prometheus' text where that "
                    "is asked for",
         .topic = "metrics",
         .verb = "metrics",
         .query = "MetricsQuery",
         .does = Does::kText}
    );
    routes.push_back(
        {.path = "/api/v1/events",
         .operation = "listen",
         .summary = "What happens, as it happens: server-sent events, each a CloudEvent",
         .topic = "events",
         .does = Does::kEvents}
    );
    routes.push_back(
        {.path = "/ack",
         .operation = "showAckLink",
         .summary = "A page that says what the link of a message acknowledges; changes nothing",
         .verb = "ack.link.show",
         .query = "LinkQuery",
         .does = Does::kAckPage,
         .is_public = true}
    );
    routes.push_back(
        {.method = Method::kPost,
         .path = "/ack",
         .operation = "acknowledgeByLink",
         .summary = "The page's button: whoever would be told next is not",
         .verb = "ack.link",
         .body = "LinkQuery",
         .does = Does::kAckPage,
         .is_public = true}
    );
}

void add_token_routes(std::vector<Route>& routes) {
    routes.push_back(
        {.path = "/api/v1/api-tokens",
         .operation = "listApiTokens",
         .summary = "API tokens, without their texts",
         .topic = "api-tokens",
         .verb = "api-token.list",
         .query = "PageQuery",
         .answer = "ApiTokens",
         .items = "tokens",
         .key = "id"}
    );
    routes.push_back(
        {.method = Method::kPost,
         .path = "/api/v1/api-tokens",
         .operation = "createApiToken",
         .summary = "A new API token; its text is said this once",
         .topic = "api-tokens",
         .verb = "api-token.create",
         .body = "ApiTokenWish",
         .answer = "NewApiToken",
         .status = 201,
         .is_secret = true}
    );
    routes.push_back(
        {.path = "/api/v1/api-tokens/self",
         .operation = "getOwnApiToken",
         .summary = "Who the caller is, and what it may",
         .topic = "nodes",
         .answer = "TokenSelf",
         .does = Does::kSelf}
    );
    routes.push_back(
        {.method = Method::kDelete,
         .path = "/api/v1/api-tokens/{id}",
         .operation = "revokeApiToken",
         .summary = "Nobody uses it any more",
         .topic = "api-tokens",
         .verb = "api-token.revoke",
         .answer = "ApiTokenRevoked"}
    );
    routes.push_back(
        {.path = "/api/v1/tokens",
         .operation = "listInvitations",
         .summary = "Invitations for machines to join",
         .topic = "tokens",
         .verb = "token.list",
         .query = "PageQuery",
         .answer = "Invitations",
         .items = "tokens",
         .key = "id"}
    );
    routes.push_back(
        {.method = Method::kPost,
         .path = "/api/v1/tokens",
         .operation = "createInvitation",
         .summary = "An invitation; where the root key is held",
         .topic = "tokens",
         .verb = "token.create",
         .body = "InvitationWish",
         .answer = "NewInvitation",
         .status = 201,
         .is_secret = true}
    );
    routes.push_back(
        {.method = Method::kDelete,
         .path = "/api/v1/tokens/{id}",
         .operation = "revokeInvitation",
         .summary = "Nobody joins with it any more",
         .topic = "tokens",
         .verb = "token.revoke",
         .answer = "Revoked"}
    );
}

void add_sign_in_routes(std::vector<Route>& routes) {
    routes.push_back(
        {.path = "/api/v1/sign-in",
         .operation = "getSignIn",
         .summary = "By what people may sign in",
         .verb = "sign-in.methods",
         .answer = "SignIn",
         .is_public = true}
    );
    routes.push_back(
        {.path = "/sign-in/openid",
         .operation = "beginOpenId",
         .summary = "Sends a browser to the issuer (OpenID Connect, code with PKCE)",
         .verb = "oidc.begin",
         .status = 303,
         .does = Does::kPersonBegin,
         .is_public = true}
    );
    routes.push_back(
        {.path = "/sign-in/openid/done",
         .operation = "endOpenId",
         .summary = "It is back: a session, or the reason why not, and on to the page",
         .verb = "oidc.end",
         .query = "OpenIdBack",
         .status = 303,
         .does = Does::kPersonEnd,
         .is_public = true}
    );
}

void add_session_routes(std::vector<Route>& routes) {
    routes.push_back(
        {.method = Method::kPost,
         .path = "/api/v1/sessions",
         .operation = "signIn",
         .summary =
             "A session for who shows a token: a cookie, and the word that goes with changes",
         .topic = "sessions",
         .verb = "session.open",
         .answer = "Session",
         .status = 201,
         .does = Does::kSignIn,
         .is_for_all = true,
         .is_secret = true}
    );
    routes.push_back(
        {.path = "/api/v1/sessions/self",
         .operation = "getOwnSession",
         .summary = "The session of the cookie, with its word",
         .topic = "sessions",
         .answer = "Session",
         .does = Does::kSession,
         .is_for_all = true}
    );
    routes.push_back(
        {.method = Method::kDelete,
         .path = "/api/v1/sessions/self",
         .operation = "signOut",
         .summary = "It is over, its streams included",
         .topic = "sessions",
         .verb = "session.close",
         .status = 204,
         .does = Does::kSignOut,
         .is_for_all = true}
    );
    routes.push_back(
        {.path = "/api/v1/sessions",
         .operation = "listSessions",
         .summary = "Who is signed in",
         .topic = "sessions",
         .answer = "Sessions",
         .does = Does::kSessions}
    );
    routes.push_back(
        {.method = Method::kDelete,
         .path = "/api/v1/sessions/{id}",
         .operation = "endSession",
         .summary = "Somebody else's is over",
         .topic = "sessions",
         .verb = "session.close",
         .status = 204,
         .does = Does::kSignOut}
    );
}

}  // namespace

api::RouteTable api_routes() {
    std::vector<Route> routes;
    add_service_routes(routes);
    add_mesh_routes(routes);
    add_token_routes(routes);
    add_session_routes(routes);
    add_sign_in_routes(routes);
    add_alert_routes(routes);
    add_defence_routes(routes);
    auto shapes = api::Shapes::parse(
        fmt::format("{}{}{}", mesh_shapes_text(), defence_shapes_text(), knowledge_shapes_text())
    );
    PM_ASSERT(shapes.has_value());
    auto table = api::RouteTable::make(std::move(routes), std::move(*shapes));
    PM_ASSERT(table.has_value());
    return std::move(*table);
}

}  // namespace phantom::daemon
