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

}  // namespace

api::RouteTable api_routes() {
    std::vector<Route> routes;
    add_service_routes(routes);
    add_mesh_routes(routes);
    add_token_routes(routes);
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
