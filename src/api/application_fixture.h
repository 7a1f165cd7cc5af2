#pragma once

// For tests and the fuzzer only: an application with a few routes, and a node that answers whatever it is asked.

#include <string>
#include <string_view>
#include <vector>

#include "api/application.h"

namespace phantom::api {

inline constexpr const char* kFixtureShapes = R"(
Thing {
  number: int
  state: "on" | "off"
}
Things {
  things: [Thing]
  next_cursor: string?
}
ThingQuery {
  state?: "on" | "off"
  limit?: int(1..500)
  cursor?: string(1..512)
}
Wish {
  name: string(1..8)
  size?: int(1..9)
}
DryRun {
  dry_run?: bool
}
Text {
  sequence: int
  text: string
}
TextWish {
  text: string(1..100)
}
Link {
  token: string(1..64)
}
OpenApi {
  openapi: string
}
Problem2 {
  title: string
}
Back {
  state?: string(0..64)
  code?: string(0..64)
}
Session {
  csrf: string
}
Maybe {
  cascade?: bool
}
)";

inline void add_session_routes_of_fixture(std::vector<Route>& routes) {
    using Does = Route::Does;
    routes.push_back(
        {.method = Method::kPost,
         .path = "/api/v1/sessions",
         .operation = "signIn",
         .summary = "a session",
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
         .summary = "that session",
         .answer = "Session",
         .does = Does::kSession,
         .is_for_all = true}
    );
    routes.push_back(
        {.method = Method::kDelete,
         .path = "/api/v1/sessions/self",
         .operation = "signOut",
         .summary = "no more",
         .verb = "session.close",
         .status = 204,
         .does = Does::kSignOut,
         .is_for_all = true}
    );
    routes.push_back(
        {.path = "/sign-in/openid",
         .operation = "beginOpenId",
         .summary = "to the issuer",
         .verb = "oidc.begin",
         .status = 303,
         .does = Does::kPersonBegin,
         .is_public = true}
    );
    routes.push_back(
        {.path = "/sign-in/openid/done",
         .operation = "endOpenId",
         .summary = "and back",
         .verb = "oidc.end",
         .query = "Back",
         .status = 303,
         .does = Does::kPersonEnd,
         .is_public = true}
    );
    routes.push_back(
        {.path = "/api/v1/sessions",
         .operation = "listSessions",
         .summary = "all",
         .topic = "sessions",
         .answer = "Session",
         .does = Does::kSessions}
    );
    routes.push_back(
        {.method = Method::kDelete,
         .path = "/api/v1/sessions/{id}",
         .operation = "endSession",
         .summary = "another's",
         .topic = "sessions",
         .verb = "session.close",
         .status = 204,
         .does = Does::kSignOut}
    );
}

inline std::vector<Route> fixture_routes() {
    using Does = Route::Does;
    std::vector<Route> routes;
    routes.push_back(
        {.path = "/api/v1/things",
         .operation = "listThings",
         .summary = "things",
         .topic = "things",
         .verb = "things",
         .query = "ThingQuery",
         .answer = "Things",
         .items = "things",
         .key = "number",
         .filters = "state"}
    );
    routes.push_back(
        {.path = "/api/v1/things/{number:int}",
         .operation = "getThing",
         .summary = "a thing",
         .topic = "things",
         .verb = "thing",
         .answer = "Thing"}
    );
    routes.push_back(
        {.method = Method::kPost,
         .path = "/api/v1/things",
         .operation = "createThing",
         .summary = "one more",
         .topic = "things",
         .verb = "thing.add",
         .query = "DryRun",
         .body = "Wish",
         .answer = "Thing",
         .status = 201}
    );
    routes.push_back(
        {.method = Method::kPost,
         .path = "/api/v1/things/{number:int}/undo",
         .operation = "undoThing",
         .summary = "one fewer",
         .topic = "things",
         .verb = "thing.undo",
         .body = "Maybe",
         .answer = "Thing",
         .also_needs =
             [](const Call& call) {
                 return call.body.contains("cascade") ? std::string("secrets:write")
                                                      : std::string();
             }}
    );
    routes.push_back(
        {.method = Method::kPost,
         .path = "/api/v1/secrets",
         .operation = "createSecret",
         .summary = "said once",
         .topic = "secrets",
         .verb = "secret",
         .body = "Wish",
         .answer = "Thing",
         .status = 201,
         .is_secret = true}
    );
    routes.push_back(
        {.path = "/api/v1/text",
         .operation = "getText",
         .summary = "the text",
         .topic = "text",
         .verb = "text",
         .answer = "Text",
         .version_field = "sequence"}
    );
    routes.push_back(
        {.method = Method::kPut,
         .path = "/api/v1/text",
         .operation = "setText",
         .summary = "another text",
         .topic = "text",
         .verb = "text.set",
         .body = "TextWish",
         .answer = "Text",
         .version_field = "sequence",
         .needs_match = true}
    );
    routes.push_back(
        {.path = "/api/v1/events",
         .operation = "listen",
         .summary = "events",
         .topic = "events",
         .does = Does::kEvents}
    );
    routes.push_back(
        {.path = "/api/v1/openapi.json",
         .operation = "getOpenApi",
         .summary = "the contract",
         .answer = "OpenApi",
         .does = Does::kOpenApi,
         .is_public = true}
    );
    routes.push_back(
        {.path = "/api/v1/problems/{code}",
         .operation = "getProblem",
         .summary = "what it means",
         .answer = "Problem2",
         .does = Does::kProblem,
         .is_public = true}
    );
    routes.push_back(
        {.path = "/numbers",
         .operation = "getNumbers",
         .summary = "a text of another type",
         .topic = "numbers",
         .verb = "numbers",
         .does = Does::kText}
    );
    routes.push_back(
        {.path = "/ack",
         .operation = "showLink",
         .summary = "a page",
         .verb = "link.show",
         .query = "Link",
         .does = Does::kAckPage,
         .is_public = true}
    );
    routes.push_back(
        {.method = Method::kPost,
         .path = "/ack",
         .operation = "useLink",
         .summary = "its button",
         .verb = "link",
         .body = "Link",
         .does = Does::kAckPage,
         .is_public = true}
    );
    add_session_routes_of_fixture(routes);
    return routes;
}

inline Application fixture_application() {
    auto shapes = Shapes::parse(kFixtureShapes);
    return Application(*RouteTable::make(fixture_routes(), std::move(*shapes)), "0.0.0", "epoch");
}

}  // namespace phantom::api
