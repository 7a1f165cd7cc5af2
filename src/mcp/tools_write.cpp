// Tools that change something. Each is asked twice: what it would do, and, with the confirmation that came with that, to
// do it (server.cpp). All of it can be taken back, and stands in the audit log.

#include "fields/fields.h"
#include "mcp/tools.h"

namespace phantom::mcp {

namespace {

namespace json = boost::json;

constexpr const char* kReasonOtherwise = "asked for by way of mcp";

Reply block(const Node& node, const json::object& arguments, Stage stage) {
    const std::string reason = fields::text_at(arguments, "reason");
    return node.ask({
        {"verb", "block"},
        {"address", fields::text_at(arguments, "address")},
        {"for_s", fields::number_at(arguments, "for_s", 3'600)},
        {"reason", reason.empty() ? kReasonOtherwise : reason},
        {"dry_run", stage == Stage::kDryRun},
    });
}

Reply act(const Node& node, const json::object& arguments, Stage stage) {
    const std::string reason = fields::text_at(arguments, "reason");
    return node.ask({
        {"verb", "act"},
        {"executor", fields::text_at(arguments, "kind")},
        {"target", fields::text_at(arguments, "target")},
        {"via", fields::text_at(arguments, "via")},
        {"for_s", fields::number_at(arguments, "for_s", 3'600)},
        {"reason", reason.empty() ? kReasonOtherwise : reason},
        {"dry_run", stage == Stage::kDryRun},
    });
}

Reply undo(const Node& node, const json::object& arguments, Stage stage) {
    return node.ask({
        {"verb", "undo"},
        {"number", fields::number_at(arguments, "number", 0)},
        {"dry_run", stage == Stage::kDryRun},
    });
}

// The node has no dry run of it: the alert itself says what would be taken.
Reply ack(const Node& node, const json::object& arguments, Stage stage) {
    const std::int64_t number = fields::number_at(arguments, "number", 0);
    if (stage == Stage::kDo) {
        return node.ask({{"verb", "ack"}, {"number", number}});
    }
    Reply reply = node.ask({{"verb", "alerts"}, {"number", number}});
    if (!reply.error.empty()) {
        return reply;
    }
    json::object body;
    for (const char* key : {"number", "state", "priority", "text", "subject", "subject_name"}) {
        if (const json::value* value = reply.body.if_contains(key)) {
            body[key] = *value;
        }
    }
    return {"", std::move(body)};
}

constexpr const char* kOutput =
    R"({"type": "object", "required": ["done", "confirmation", "answer"], "properties": {
  "done": {"type": "boolean", "description": "false: this is only what would be done"},
  "confirmation": {"type": ["string", "null"], "description": "call again with the same arguments and this one"},
  "answer": {"type": "object"}}})";

constexpr const char* kNumberedWrite =
    R"({"type": "object", "additionalProperties": false, "required": ["number"],
  "properties": {"number": {"type": "integer", "minimum": 1, "maximum": 9007199254740991},
  "confirmation": {"type": "string", "maxLength": 64, "description": "what the dry run returned"}}})";

const std::vector<Tool> kWriteTools{
    {
        .name = "block",
        .title = "Block an address",
        .description = "Drops all packets from an address for a time. Without 'confirmation' "
                       "it only says what that "
                       "would cut. Ask a person before you confirm.",
        .input =
            R"({"type": "object", "additionalProperties": false, "required": ["address"], "properties": {
          "address": {"type": "string", "maxLength": 64},
          "for_s": {"type": "integer", "minimum": 1, "maximum": 604800, "description": "3600 otherwise"},
          "reason": {"type": "string", "maxLength": 200},
          "confirmation": {"type": "string", "maxLength": 64, "description": "what the dry run returned"}}})",
        .output = kOutput,
        .call = block,
        .writes = true,
        .destroys = true,
    },
    {
        .name = "act",
        .title = "Act against a member, an address or a route",
        .description = "firewall ADDRESS, rate-limit ADDRESS or MEMBER, isolation MEMBER, "
                       "tunnel MEMBER, rekey "
                       "MEMBER, route PREFIX, credential MEMBER; for a time. Without "
                       "'confirmation' it only says "
                       "what that would cut. Ask a person before you confirm.",
        .input =
            R"({"type": "object", "additionalProperties": false, "required": ["kind", "target"], "properties": {
          "kind": {"type": "string", "enum": ["firewall", "rate-limit", "isolation", "tunnel", "rekey", "route",
                   "credential"]},
          "target": {"type": "string", "maxLength": 128},
          "via": {"type": "string", "maxLength": 64, "description": "of route: the member that is not gone by"},
          "for_s": {"type": "integer", "minimum": 1, "maximum": 604800, "description": "3600 otherwise"},
          "reason": {"type": "string", "maxLength": 200},
          "confirmation": {"type": "string", "maxLength": 64, "description": "what the dry run returned"}}})",
        .output = kOutput,
        .call = act,
        .writes = true,
        .destroys = true,
    },
    {
        .name = "undo",
        .title = "Take an action back",
        .description = "All is as if the action had not been. Without 'confirmation' it only "
                       "says what would be "
                       "taken back, and what depends on it. Ask a person before you confirm.",
        .input = kNumberedWrite,
        .output = kOutput,
        .call = undo,
        .writes = true,
        .destroys = true,
    },
    {
        .name = "ack",
        .title = "Acknowledge an alert",
        .description = "Somebody looks at it: it is not repeated, and nobody else is told. "
                       "Without 'confirmation' "
                       "it only shows the alert. Ask a person before you confirm.",
        .input = kNumberedWrite,
        .output = kOutput,
        .call = ack,
        .writes = true,
    },
};

}  // namespace

const std::vector<Tool>& write_tools() {
    return kWriteTools;
}

}  // namespace phantom::mcp
