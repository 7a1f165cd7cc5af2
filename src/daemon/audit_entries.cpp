#include "daemon/audit_entries.h"

#include <algorithm>
#include <array>

#include "fields/fields.h"

namespace phantom::daemon {

namespace {

namespace json = boost::json;

// What is not here is taken for a change, so that a new verb is in the log unless somebody thought about it.
constexpr auto kQuestions = std::to_array<std::string_view>({
    "ack.link.show",
    "actions",
    "alerts",
    "alerts.delivery",
    "api-token.list",
    "audit",
    "audit.head",
    "detections",
    "dns.status",
    "escalations",
    "evidence.read",
    "evidence.show",
    "feeds",
    "feeds.lookup",
    "flows",
    "health",
    "history",
    "import.list",
    "incident.post_mortem",
    "incidents",
    "inputs",
    "netcheck",
    "node.get",
    "node.got",
    "oncall",
    "peer",
    "ping",
    "playbook.check",
    "playbook.list",
    "playbook.status",
    "policy.check",
    "policy.explain",
    "policy.show",
    "receivers",
    "root.status",
    "route.list",
    "rules",
    "sign-in.methods",
    "silences",
    "status",
    "token.list",
    "version",
});

constexpr auto kTargets = std::to_array<const char*>({
    "address",
    "target",
    "number",
    "peer",
    "id",
    "name",
    "mode",
    "what",
    "exit",
    "prefix",
    "receiver",
    "key",
    "path",
    "run",
    "incident",
});

std::string target_of(const json::object& request) {
    for (const char* key : kTargets) {
        const json::value* value = request.if_contains(key);
        if (value != nullptr && value->is_string() && !value->get_string().empty()) {
            return std::string(value->get_string());
        }
        if (value != nullptr && value->is_number()) {
            return std::string(key) + " " + json::serialize(*value);
        }
    }
    return "";
}

std::string outcome_of(const json::object& answer) {
    const json::value* error = answer.if_contains("error");
    if (error == nullptr || !error->is_object()) {
        return "done";
    }
    return "refused: " + fields::text_at(error->get_object(), "message");
}

// "api token ci (7d21c0ab), 192.0.2.1" is "token ci"; who opens the control socket owns the node.
std::string who_of(std::string_view origin) {
    constexpr std::string_view kToken = "api token ";
    constexpr std::string_view kPerson = "person ";
    constexpr std::string_view kMember = "member ";
    if (origin.starts_with("playbook") || origin.starts_with("link")) {
        return std::string(origin.substr(0, origin.starts_with("link") ? 4 : 8));
    }
    if (origin.starts_with(kPerson) || origin.starts_with(kMember)) {
        return std::string(origin.substr(0, origin.find(" (")));
    }
    if (!origin.starts_with(kToken)) {
        return "operator";
    }
    const std::string_view name = origin.substr(kToken.size());
    return "token " + std::string(name.substr(0, name.find(' ')));
}

bool is_question(std::string_view verb, const json::object& request) {
    return verb.empty() || std::ranges::find(kQuestions, verb) != kQuestions.end() ||
           (verb == "api-token.members" && fields::text_at(request, "role").empty()) ||
           (verb == "defence" && fields::text_at(request, "mode").empty()) ||
           (verb == "rotate" && request.if_contains("begin") == nullptr);
}

}  // namespace

std::optional<store::AuditEntry> audit_entry_of(
    const json::object& request, const json::object& answer, std::string_view origin, WallTime now
) {
    const std::string verb = fields::text_at(request, "verb");
    const json::value* error = answer.if_contains("error");
    const bool is_unknown = error != nullptr && error->is_object() &&
                            fields::text_at(error->get_object(), "code") == "unknown_verb";
    if (is_question(verb, request) || is_unknown) {
        return std::nullopt;
    }
    return store::AuditEntry{
        .sequence = 0,
        .at = now,
        .who = who_of(origin),
        .origin = std::string(origin),
        .what = verb + (fields::is_true(request, "dry_run") ? " (dry run)" : ""),
        .target = target_of(request),
        .why = fields::text_at(request, "reason"),
        .outcome = outcome_of(answer),
        .hash = {},
    };
}

}  // namespace phantom::daemon
