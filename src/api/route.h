#pragma once

// What the API serves, as one described table: it is what requests are matched against, what their parameters and bodies
// are checked by, and what the OpenAPI document is made from. Whoever starts the server gives it. Immutable; any thread.
//
//     {.method = Method::kPost, .path = "/api/v1/alerts/{number:int}/ack", .operation = "acknowledgeAlert",
//      .summary = "somebody looks at it", .topic = "alerts", .verb = "ack", .answer = "Acknowledged"}

#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "api/message.h"
#include "api/page.h"
#include "api/shape.h"
#include "api/target.h"

namespace phantom::api {

// A request, once route, parameters and body are known to be right.
struct Call {
    std::map<std::string, boost::json::value, std::less<>> path;
    std::map<std::string, boost::json::value, std::less<>>
        query;  // without those of paging and filters
    boost::json::object body;
    std::map<std::string, std::string, std::less<>> filters;
    Page page;
};

struct Route {
    enum class Does : std::uint8_t {
        kAsk,      // the node
        kOpenApi,  // the rest is answered here
        kProblem,
        kSelf,  // of the token
        kEvents,
        kAckPage,  // a page for people: asks the node, and shows what it says
        kText,  // asks the node, with the field Accept as "accept"; its "text" is the body, of "content_type"
        kSignIn,       // a session for the caller: the node notes it
        kSignOut,      // the caller's session, or the one of the path, is over; likewise
        kSession,      // of the caller
        kPersonBegin,  // sends a browser to an issuer; the node says where
        kPersonEnd,    // it is back: a session for whom the node names
        kSessions,
    };

    Method method = Method::kGet;
    std::string_view path{};
    const char* operation = "";
    const char* summary = "";
    // What it is about. Reading asks for the scope "TOPIC:read", everything else for "TOPIC:write".
    std::string_view topic{};
    const char* verb =
        "";  // what the node is asked, with path, query and body as fields of the question
    std::string_view query{};   // a shape whose fields are the parameters; empty: none
    std::string_view body{};    // a shape; empty: no body
    std::string_view answer{};  // a shape; empty: no body
    unsigned status = 200;
    Does does = Does::kAsk;
    bool is_public = false;      // needs no token
    bool is_for_all = false;     // needs one, and no scope
    std::string_view items{};    // of a list: the field of the answer that is cut into pieces
    std::string_view key{};      // of a list: the field by which it is sorted
    std::string_view filters{};  // of a list: fields that it can be reduced by, "state,priority"
    bool pages_itself =
        false;  // the node is given "count" and "before", and answers with the newest
    // The field of the answer to GET that changes with it: the ETag, and what "if_FIELD" of the question is.
    std::string_view version_field{};
    bool needs_match = false;  // If-Match has to name it
    bool is_secret = false;    // the answer is said once, and not kept for an Idempotency-Key
    // More fields for the question, or other names for them.
    std::function<void(const Call&, boost::json::object& question)> ask = nullptr;
    // Another form of the answer.
    std::function<void(const Call&, boost::json::object& answer)> reshape = nullptr;
    // A scope that this very call needs besides; empty: none.
    std::function<std::string(const Call&)> also_needs = nullptr;

    [[nodiscard]] bool is_read() const { return method == Method::kGet; }
    [[nodiscard]] std::string scope() const;
};

class RouteTable {
  public:
    // A sentence where a route cannot be: a shape that is not there, a path that is taken twice.
    [[nodiscard]] static std::expected<RouteTable, std::string> make(
        std::vector<Route> routes, Shapes shapes
    );

    struct Match {
        const Route* route = nullptr;
        std::map<std::string, boost::json::value, std::less<>> path;
        std::string
            allow;  // without a route: what the path takes, "GET, POST"; empty: there is no such path
    };
    [[nodiscard]] Match match(Method method, const std::vector<std::string>& segments) const;

    // The call, or what is wrong with it. `body`: null where there is none.
    [[nodiscard]] std::expected<Call, std::vector<Fault>> call(
        const Match& match, const Target& target, const boost::json::value& body
    ) const;

    [[nodiscard]] const std::vector<Route>& routes() const { return routes_; }
    [[nodiscard]] const Shapes& shapes() const { return shapes_; }

    struct Segment {
        std::string text;  // or the name of a variable
        bool is_variable = false;
        bool is_number = false;
    };
    [[nodiscard]] static std::vector<Segment> segments_of(std::string_view path);

  private:
    [[nodiscard]] const Shape& shape_of(std::string_view name) const;

    std::vector<Route> routes_;
    std::vector<std::vector<Segment>> segments_;
    Shapes shapes_;
};

}  // namespace phantom::api
