// Routes about the mesh: nodes, peers, networks, names, policy, keys.

#include "daemon/api_routes.h"

namespace phantom::daemon {

namespace {

using api::Call;
using api::Method;
using api::Route;

namespace json = boost::json;

void say_self(const Call& /*call*/, json::object& answer) {
    json::object self = std::move(answer.at("self").as_object());
    for (const char* field : {"mesh", "ready", "started"}) {
        self[field] = answer.at(field);
    }
    answer = std::move(self);
}

void say_peers(const Call& /*call*/, json::object& answer) {
    answer = {{"peers", std::move(answer.at("peers"))}};
}

void begin_ping(const Call& call, json::object& question) {
    question["peer"] = call.path.at("name");
    question["begin"] = true;
}

void name_peer(const Call& call, json::object& question) {
    question["peer"] = call.path.at("name");
}

void begin_rotation(const Call& /*call*/, json::object& question) {
    question["begin"] = true;
}

void add_node_routes(std::vector<Route>& routes) {
    routes.push_back(
        {.path = "/api/v1/nodes/self",
         .operation = "getNode",
         .summary = "This node",
         .topic = "nodes",
         .verb = "status",
         .answer = "Node",
         .reshape = say_self}
    );
    routes.push_back(
        {.path = "/api/v1/peers",
         .operation = "listPeers",
         .summary = "The other members, and stock peers",
         .topic = "peers",
         .verb = "status",
         .query = "PageQuery",
         .answer = "Peers",
         .items = "peers",
         .key = "name",
         .reshape = say_peers}
    );
    routes.push_back(
        {.path = "/api/v1/peers/{name}",
         .operation = "getPeer",
         .summary = "One of them",
         .topic = "peers",
         .verb = "peer",
         .answer = "Peer"}
    );
    routes.push_back(
        {.method = Method::kDelete,
         .path = "/api/v1/peers/{name}",
         .operation = "revokePeer",
         .summary = "Puts a member out for good; where the root key is held",
         .topic = "peers",
         .verb = "revoke",
         .answer = "Revoked",
         .ask = name_peer}
    );
    routes.push_back(
        {.method = Method::kPost,
         .path = "/api/v1/peers/{name}/ping",
         .operation = "pingPeer",
         .summary = "Asks for a round trip, and tells of the last one",
         .topic = "peers",
         .verb = "ping",
         .answer = "Ping",
         .ask = begin_ping}
    );
}

void add_own_routes(std::vector<Route>& routes) {
    routes.push_back(
        {.path = "/api/v1/history",
         .operation = "getHistory",
         .summary = "Traffic and round trips of the last hour or day, of one peer or of all",
         .topic = "peers",
         .verb = "history",
         .query = "HistoryQuery",
         .answer = "History"}
    );
    routes.push_back(
        {.path = "/api/v1/netcheck",
         .operation = "getNetcheck",
         .summary = "How this node is reached, and what would help",
         .topic = "nodes",
         .verb = "netcheck",
         .answer = "Netcheck"}
    );
    routes.push_back(
        {.path = "/api/v1/root",
         .operation = "getRoot",
         .summary = "Where the root key is",
         .topic = "nodes",
         .verb = "root.status",
         .answer = "Root"}
    );
    routes.push_back(
        {.path = "/api/v1/rotation",
         .operation = "getRotation",
         .summary = "How a change of this node's keys is going",
         .topic = "nodes",
         .verb = "rotate",
         .answer = "Rotation"}
    );
    routes.push_back(
        {.method = Method::kPost,
         .path = "/api/v1/rotation",
         .operation = "rotate",
         .summary = "Changes all keys of this node",
         .topic = "nodes",
         .verb = "rotate",
         .answer = "Rotation",
         .status = 202,
         .ask = begin_rotation}
    );
}

void add_network_routes(std::vector<Route>& routes) {
    routes.push_back(
        {.path = "/api/v1/routes",
         .operation = "listRoutes",
         .summary = "Networks behind members, and the way out",
         .topic = "routes",
         .verb = "route.list",
         .answer = "NetRoutes"}
    );
    routes.push_back(
        {.method = Method::kPost,
         .path = "/api/v1/routes/offers",
         .operation = "offerRoute",
         .summary = "This node is willing to carry a network, or everything",
         .topic = "routes",
         .verb = "route.offer",
         .body = "RouteOffer",
         .answer = "NetRoutes"}
    );
    routes.push_back(
        {.method = Method::kPost,
         .path = "/api/v1/routes/withdrawals",
         .operation = "withdrawRoute",
         .summary = "No longer",
         .topic = "routes",
         .verb = "route.withdraw",
         .body = "RouteOffer",
         .answer = "NetRoutes"}
    );
    routes.push_back(
        {.method = Method::kPut,
         .path = "/api/v1/routes/exit",
         .operation = "chooseExit",
         .summary = "By whom what has no narrower route leaves",
         .topic = "routes",
         .verb = "route.use",
         .body = "ExitChoice",
         .answer = "NetRoutes"}
    );
    routes.push_back(
        {.path = "/api/v1/dns",
         .operation = "getDns",
         .summary = "Who answers for NAME.mesh, and who asks",
         .topic = "dns",
         .verb = "dns.status",
         .answer = "Dns"}
    );
    routes.push_back(
        {.method = Method::kPost,
         .path = "/api/v1/dns/on",
         .operation = "switchDnsOn",
         .summary = "This machine looks up NAME.mesh at the node",
         .topic = "dns",
         .verb = "dns.on",
         .answer = "Dns"}
    );
    routes.push_back(
        {.method = Method::kPost,
         .path = "/api/v1/dns/off",
         .operation = "switchDnsOff",
         .summary = "Undoes that, to the byte",
         .topic = "dns",
         .verb = "dns.off",
         .answer = "Dns"}
    );
    routes.push_back(
        {.path = "/api/v1/imports",
         .operation = "listImports",
         .summary = "Stock WireGuard peers beside the members",
         .topic = "peers",
         .verb = "import.list",
         .answer = "Imports"}
    );
}

void add_policy_routes(std::vector<Route>& routes) {
    routes.push_back(
        {.path = "/api/v1/policy",
         .operation = "getPolicy",
         .summary = "Who may reach whom; the ETag is what a change has to name",
         .topic = "policy",
         .verb = "policy.show",
         .answer = "Policy",
         .version_field = "sequence"}
    );
    routes.push_back(
        {.method = Method::kPut,
         .path = "/api/v1/policy",
         .operation = "setPolicy",
         .summary =
             "Reads it, runs its tests, signs it and tells every node; where the root key is held",
         .topic = "policy",
         .verb = "policy.set",
         .query = "DryRunQuery",
         .body = "PolicyText",
         .answer = "PolicyChange",
         .version_field = "sequence",
         .needs_match = true}
    );
    routes.push_back(
        {.method = Method::kDelete,
         .path = "/api/v1/policy",
         .operation = "clearPolicy",
         .summary = "Signs an empty one: everybody reaches everybody",
         .topic = "policy",
         .verb = "policy.clear",
         .answer = "Policy",
         .version_field = "sequence",
         .needs_match = true}
    );
    routes.push_back(
        {.path = "/api/v1/policy/explain",
         .operation = "explainPolicy",
         .summary = "Which grant decides",
         .topic = "policy",
         .verb = "policy.explain",
         .query = "ExplainQuery",
         .answer = "Explained"}
    );
}

}  // namespace

void add_mesh_routes(std::vector<Route>& routes) {
    add_node_routes(routes);
    add_own_routes(routes);
    add_network_routes(routes);
    add_policy_routes(routes);
}

}  // namespace phantom::daemon
