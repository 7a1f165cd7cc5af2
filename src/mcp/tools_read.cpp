// Tools that change nothing.

#include "fields/fields.h"
#include "mcp/tools.h"

namespace phantom::mcp {

namespace {

namespace json = boost::json;

Reply ask_verb(const Node& node, const char* verb) {
    return node.ask({{"verb", verb}});
}

// The list of an answer, cut.
Reply ask_list(
    const Node& node, const json::object& request, const char* list, const json::object& arguments,
    Keep keep
) {
    Reply reply = node.ask(request);
    cut_list(reply.body, list, fields::number_at(arguments, "limit", kEntriesUsual), keep);
    return reply;
}

Reply status(const Node& node, const json::object& /*arguments*/, Stage /*stage*/) {
    Reply reply = ask_verb(node, "status");
    if (!reply.error.empty()) {
        return reply;
    }
    // Peers have a tool of their own: of thousands a model needs the number.
    std::size_t online = 0;
    std::size_t post_quantum = 0;
    std::size_t total = 0;
    if (const json::value* peers = reply.body.if_contains("peers"); peers && peers->is_array()) {
        for (const json::value& each : peers->get_array()) {
            const json::object& peer = each.as_object();
            online += peer.at("path").as_string() != "none" ? 1 : 0;
            post_quantum += peer.at("post_quantum").at("established").as_bool() ? 1 : 0;
        }
        total = peers->get_array().size();
    }
    reply.body["peers"] = {{"total", total}, {"online", online}, {"post_quantum", post_quantum}};
    if (Reply defence = ask_verb(node, "defence"); defence.error.empty()) {
        reply.body["defence"] = {
            {"mode", defence.body.at("mode")},
            {"alerts", defence.body.at("alerts")},
            {"incidents", defence.body.at("incidents")},
        };
    }
    return reply;
}

Reply peers(const Node& node, const json::object& arguments, Stage /*stage*/) {
    const std::string name = fields::text_at(arguments, "name");
    Reply reply = ask_verb(node, "status");
    if (!reply.error.empty()) {
        return reply;
    }
    json::array found;
    for (json::value& each : reply.body.at("peers").as_array()) {
        if (name.empty() || each.at("name").as_string() == name) {
            found.push_back(std::move(each));
        }
    }
    if (found.empty() && !name.empty()) {
        return {"no peer is called so; 'peers' without a name lists them", {}};
    }
    json::object body{{"mesh", reply.body.at("mesh")}, {"peers", std::move(found)}};
    cut_list(body, "peers", fields::number_at(arguments, "limit", kEntriesUsual), Keep::kFirst);
    return {"", std::move(body)};
}

Reply paths(const Node& node, const json::object& arguments, Stage /*stage*/) {
    Reply reply = ask_verb(node, "netcheck");
    Reply routes = ask_verb(node, "route.list");
    if (!reply.error.empty() || !routes.error.empty()) {
        return reply.error.empty() ? routes : reply;
    }
    cut_list(
        routes.body, "routes", fields::number_at(arguments, "limit", kEntriesUsual), Keep::kFirst
    );
    reply.body["routing"] = std::move(routes.body);
    return reply;
}

Reply alerts(const Node& node, const json::object& arguments, Stage /*stage*/) {
    return ask_list(node, {{"verb", "alerts"}}, "alerts", arguments, Keep::kLast);
}

Reply alert_explain(const Node& node, const json::object& arguments, Stage /*stage*/) {
    return node.ask({{"verb", "alerts"}, {"number", fields::number_at(arguments, "number", 0)}});
}

Reply incidents(const Node& node, const json::object& arguments, Stage /*stage*/) {
    return ask_list(node, {{"verb", "incidents"}}, "incidents", arguments, Keep::kLast);
}

Reply incident_timeline(const Node& node, const json::object& arguments, Stage /*stage*/) {
    return ask_list(
        node, {{"verb", "incidents"}, {"number", fields::number_at(arguments, "number", 0)}},
        "timeline", arguments, Keep::kLast
    );
}

Reply actions(const Node& node, const json::object& arguments, Stage /*stage*/) {
    return ask_list(node, {{"verb", "actions"}}, "actions", arguments, Keep::kLast);
}

Reply policy_explain(const Node& node, const json::object& arguments, Stage /*stage*/) {
    return node.ask({
        {"verb", "policy.explain"},
        {"src", fields::text_at(arguments, "source")},
        {"dst", fields::text_at(arguments, "destination")},
        {"port", fields::text_at(arguments, "port")},
    });
}

Reply feeds_lookup(const Node& node, const json::object& arguments, Stage /*stage*/) {
    return node.ask({{"verb", "feeds.lookup"}, {"what", fields::text_at(arguments, "what")}});
}

Reply audit(const Node& node, const json::object& arguments, Stage /*stage*/) {
    return node.ask(
        {{"verb", "audit"},
         {"count", fields::number_at(arguments, "limit", kEntriesUsual)},
         {"since_s", fields::number_at(arguments, "since_s", 0)}}
    );
}

Reply doctor(const Node& node, const json::object& /*arguments*/, Stage /*stage*/) {
    return {"", node.examine_machine()};
}

constexpr const char* kNothing =
    R"({"type": "object", "properties": {}, "additionalProperties": false})";
constexpr const char* kLimited =
    R"({"type": "object", "additionalProperties": false, "properties": {
  "limit": {"type": "integer", "minimum": 1, "maximum": 500, "description": "entries at most; 50 otherwise"}}})";
constexpr const char* kNumbered =
    R"({"type": "object", "additionalProperties": false, "required": ["number"],
  "properties": {"number": {"type": "integer", "minimum": 1, "maximum": 9007199254740991,
  "description": "as the list has it"}}})";

const std::vector<Tool> kReadTools{
    {
        .name = "status",
        .title = "This node",
        .description = "This node of the mesh: its name, addresses and keys, how many peers "
                       "are online and have "
                       "post-quantum keys, and whether attacks are looked for. Begin here.",
        .input = kNothing,
        .output =
            R"({"type": "object", "required": ["mesh", "ready", "self", "peers"], "properties": {
          "mesh": {"type": "string"}, "ready": {"type": "boolean"}, "self": {"type": "object"},
          "peers": {"type": "object", "required": ["total", "online", "post_quantum"]},
          "defence": {"type": "object", "required": ["mode", "alerts", "incidents"]}}})",
        .call = status,
    },
    {
        .name = "peers",
        .title = "Peers",
        .description = "The other members: path (direct, tcp, relay, none), round trip in ms, "
                       "loss (0 to 1), "
                       "post-quantum state, bytes. With 'name' only that one.",
        .input = R"({"type": "object", "additionalProperties": false, "properties": {
          "name": {"type": "string", "maxLength": 64},
          "limit": {"type": "integer", "minimum": 1, "maximum": 500,
                    "description": "entries at most; 50 otherwise"}}})",
        .output =
            R"({"type": "object", "required": ["mesh", "peers", "total", "left_out"], "properties": {
          "mesh": {"type": "string"}, "peers": {"type": "array", "items": {"type": "object",
          "required": ["name", "path", "rtt_ms", "post_quantum"]}},
          "total": {"type": "integer"}, "left_out": {"type": "integer"}}})",
        .call = peers,
    },
    {
        .name = "paths",
        .title = "Paths and reachability",
        .description = "How this node is reached (kind of address translation, port mapping, "
                       "MTU, relays), what "
                       "would help, and the routes to networks behind members.",
        .input = kLimited,
        .output =
            R"({"type": "object", "required": ["nat", "advice", "routing"], "properties": {
          "nat": {"type": "string"}, "advice": {"type": "array", "items": {"type": "string"}},
          "routing": {"type": "object", "required": ["routes"]}}})",
        .call = paths,
    },
    {
        .name = "alerts",
        .title = "Alerts",
        .description = "What was found, the newest: risk in tenths (10 to 100), confidence, "
                       "who, against what, how "
                       "often, and who was told.",
        .input = kLimited,
        .output =
            R"({"type": "object", "required": ["alerts", "total", "left_out"], "properties": {
          "alerts": {"type": "array", "items": {"type": "object",
          "required": ["number", "state", "priority", "risk_tenths", "text", "subject"]}},
          "total": {"type": "integer"}, "left_out": {"type": "integer"}}})",
        .call = alerts,
    },
    {
        .name = "alert_explain",
        .title = "Why an alert was judged so",
        .description =
            "One alert with its judgement term by term, what can be done, and each delivery.",
        .input = kNumbered,
        .output =
            R"({"type": "object", "required": ["number", "text", "assessment"], "properties": {
          "number": {"type": "integer"}, "text": {"type": "string"}, "assessment": {"type": "string"}}})",
        .call = alert_explain,
    },
    {
        .name = "incidents",
        .title = "Incidents",
        .description = "Attacks as stories, the newest: state, priority, risk, who, which "
                       "alerts and actions.",
        .input = kLimited,
        .output =
            R"({"type": "object", "required": ["incidents", "total", "left_out"], "properties": {
          "incidents": {"type": "array", "items": {"type": "object", "required": ["number", "state", "title"]}},
          "total": {"type": "integer"}, "left_out": {"type": "integer"}}})",
        .call = incidents,
    },
    {
        .name = "incident_timeline",
        .title = "One incident",
        .description = "One incident with its timeline, the newest entries: what happened, and "
                       "what was done.",
        .input =
            R"({"type": "object", "additionalProperties": false, "required": ["number"], "properties": {
          "number": {"type": "integer", "minimum": 1, "maximum": 9007199254740991},
          "limit": {"type": "integer", "minimum": 1, "maximum": 500,
                    "description": "entries at most; 50 otherwise"}}})",
        .output =
            R"({"type": "object", "required": ["number", "state", "title", "timeline"], "properties": {
          "number": {"type": "integer"}, "state": {"type": "string"}, "title": {"type": "string"},
          "timeline": {"type": "array", "items": {"type": "object", "required": ["at", "source", "text"]}}}})",
        .call = incident_timeline,
    },
    {
        .name = "actions",
        .title = "Actions in force",
        .description = "What this node does against others or waits to be allowed to: blocks, "
                       "rate limits, "
                       "isolations, and until when.",
        .input = kLimited,
        .output =
            R"({"type": "object", "required": ["actions", "total", "left_out"], "properties": {
          "actions": {"type": "array", "items": {"type": "object",
          "required": ["number", "state", "executor", "target"]}},
          "total": {"type": "integer"}, "left_out": {"type": "integer"}}})",
        .call = actions,
    },
    {
        .name = "policy_explain",
        .title = "Who may reach whom",
        .description = "Whether one member, host or address may reach another at a port, and "
                       "which grant of the "
                       "policy decides.",
        .input = R"({"type": "object", "additionalProperties": false,
          "required": ["source", "destination", "port"], "properties": {
          "source": {"type": "string", "maxLength": 128}, "destination": {"type": "string", "maxLength": 128},
          "port": {"type": "string", "maxLength": 16, "description": "22, tcp:22, udp:53 or icmp"}}})",
        .output = R"({"type": "object", "required": ["allowed", "line", "text"], "properties": {
          "allowed": {"type": "boolean"}, "line": {"type": ["integer", "null"]}, "text": {"type": "string"}}})",
        .call = policy_explain,
    },
    {
        .name = "feeds_lookup",
        .title = "Who names this",
        .description =
            "Which threat intelligence feeds name an address, a name, a URL, a hash or a CVE.",
        .input =
            R"({"type": "object", "additionalProperties": false, "required": ["what"], "properties": {
          "what": {"type": "string", "maxLength": 2048}}})",
        .output =
            R"({"type": "object", "required": ["what", "kind", "hits", "reputation"], "properties": {
          "what": {"type": "string"}, "kind": {"type": "string"},
          "hits": {"type": "array", "items": {"type": "object"}}, "reputation": {"type": "number"}}})",
        .call = feeds_lookup,
    },
    {
        .name = "audit",
        .title = "Audit log",
        .description = "What was decided and done, by whom and from where; the newest entries.",
        .input = R"({"type": "object", "additionalProperties": false, "properties": {
          "since_s": {"type": "integer", "minimum": 1, "maximum": 34560000, "description": "no older than this"},
          "limit": {"type": "integer", "minimum": 1, "maximum": 500,
                    "description": "entries at most; 50 otherwise"}}})",
        .output = R"({"type": "object", "required": ["entries"], "properties": {
          "entries": {"type": "array", "items": {"type": "object",
          "required": ["number", "at", "who", "what", "outcome"]}}}})",
        .call = audit,
    },
    {
        .name = "doctor",
        .title = "The machine",
        .description = "Whether this machine is as a node needs it (kernel, TUN, ports, "
                       "firewall, clock, disk), and "
                       "what to do where it is not.",
        .input = kNothing,
        .output = R"({"type": "object", "required": ["verdict", "checks"], "properties": {
          "verdict": {"type": "string", "enum": ["ok", "warning", "problem"]},
          "checks": {"type": "array", "items": {"type": "object",
          "required": ["check", "state", "found", "advice"]}}}})",
        .call = doctor,
    },
};

}  // namespace

const std::vector<Tool>& read_tools() {
    return kReadTools;
}

}  // namespace phantom::mcp
