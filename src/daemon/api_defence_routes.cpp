// Routes about attacks: incidents, evidence, playbooks, actions, feeds, the audit log.

#include "daemon/api_routes.h"

namespace phantom::daemon {

namespace {

using api::Call;
using api::Method;
using api::Route;

namespace json = boost::json;

// A list of one, of which the one is meant.
template <const char* Field>
void say_first(const Call& /*call*/, json::object& answer) {
    answer = std::move(answer.at(Field).as_array().at(0).as_object());
}
constexpr char kRuns[] = "runs";  // NOLINT(modernize-avoid-c-arrays): of a template

void add_incident_routes(std::vector<Route>& routes) {
    routes.push_back(
        {.path = "/api/v1/incidents",
         .operation = "listIncidents",
         .summary = "Attacks as stories",
         .topic = "incidents",
         .verb = "incidents",
         .query = "IncidentQuery",
         .answer = "Incidents",
         .items = "incidents",
         .key = "number",
         .filters = "state,subject"}
    );
    routes.push_back(
        {.path = "/api/v1/incidents/{number:int}",
         .operation = "getIncident",
         .summary = "One, with its timeline",
         .topic = "incidents",
         .verb = "incidents",
         .answer = "IncidentInFull"}
    );
    routes.push_back(
        {.path = "/api/v1/incidents/{number:int}/post-mortem",
         .operation = "getPostMortem",
         .summary = "What happened, in Markdown and as values",
         .topic = "incidents",
         .verb = "incident.post_mortem",
         .answer = "PostMortem"}
    );
    const auto change = [&](std::string_view path, const char* operation, const char* summary,
                            const char* verb, std::string_view body) {
        routes.push_back(
            {.method = Method::kPost,
             .path = path,
             .operation = operation,
             .summary = summary,
             .topic = "incidents",
             .verb = verb,
             .body = body,
             .answer = "IncidentChanged"}
        );
    };
    change(
        "/api/v1/incidents/{number:int}/close", "closeIncident", "It is over, or was none",
        "incident.close", "IncidentClose"
    );
    change(
        "/api/v1/incidents/{number:int}/reopen", "reopenIncident", "It is not over",
        "incident.reopen", ""
    );
    change(
        "/api/v1/incidents/{number:int}/merge", "mergeIncident", "It is part of another",
        "incident.merge", "IncidentMerge"
    );
    change(
        "/api/v1/incidents/{number:int}/split", "splitIncident",
        "Some of its alerts are an incident of their own", "incident.split", "IncidentSplit"
    );
    change(
        "/api/v1/incidents/{number:int}/notes", "noteIncident", "Something for its timeline",
        "incident.note", "IncidentNote"
    );
}

void add_seen_routes(std::vector<Route>& routes) {
    routes.push_back(
        {.path = "/api/v1/flows",
         .operation = "listFlows",
         .summary =
             "Who talks to whom inside the mesh now, as far as this node sees; the newest first",
         .topic = "flows",
         .verb = "flows",
         .query = "FlowQuery",
         .answer = "Flows",
         .items = "flows",
         .key = "number",
         .pages_itself = true}
    );
    routes.push_back(
        {.path = "/api/v1/detections",
         .operation = "listDetections",
         .summary = "What was found last, and how it was judged; the newest first",
         .topic = "detections",
         .verb = "detections",
         .query = "DetectionQuery",
         .answer = "Detections",
         .items = "detections",
         .key = "number",
         .pages_itself = true}
    );
    routes.push_back(
        {.path = "/api/v1/detections/{number:int}",
         .operation = "getDetection",
         .summary = "One of them",
         .topic = "detections",
         .verb = "detections",
         .answer = "DetectionInFull"}
    );
}

void add_evidence_routes(std::vector<Route>& routes) {
    routes.push_back(
        {.path = "/api/v1/evidence",
         .operation = "listEvidence",
         .summary = "What was there when incidents opened",
         .topic = "evidence",
         .verb = "evidence.show",
         .answer = "Evidence"}
    );
    routes.push_back(
        {.path = "/api/v1/incidents/{number:int}/evidence",
         .operation = "getEvidence",
         .summary = "Likewise, of one",
         .topic = "evidence",
         .verb = "evidence.show",
         .answer = "Evidence"}
    );
    routes.push_back(
        {.method = Method::kPost,
         .path = "/api/v1/incidents/{number:int}/evidence",
         .operation = "collectEvidence",
         .summary = "Collects what is there now",
         .topic = "evidence",
         .verb = "evidence.collect",
         .answer = "Numbered",
         .status = 202}
    );
}

void add_playbook_routes(std::vector<Route>& routes) {
    routes.push_back(
        {.path = "/api/v1/playbooks",
         .operation = "listPlaybooks",
         .summary = "What can be done about incidents, step by step",
         .topic = "playbooks",
         .verb = "playbook.list",
         .answer = "Playbooks"}
    );
    routes.push_back(
        {.method = Method::kPost,
         .path = "/api/v1/playbooks/{name}/runs",
         .operation = "runPlaybook",
         .summary = "Starts one, or says what it would do",
         .topic = "playbooks",
         .verb = "playbook.run",
         .query = "DryRunQuery",
         .body = "PlaybookWish",
         .answer = "PlaybookChanged",
         .status = 201}
    );
    routes.push_back(
        {.path = "/api/v1/playbook-runs",
         .operation = "listPlaybookRuns",
         .summary = "Those under way, and the last ones",
         .topic = "playbooks",
         .verb = "playbook.status",
         .answer = "PlaybookRuns"}
    );
    routes.push_back(
        {.path = "/api/v1/playbook-runs/{run:int}",
         .operation = "getPlaybookRun",
         .summary = "One, with its log",
         .topic = "playbooks",
         .verb = "playbook.status",
         .answer = "PlaybookRun",
         .reshape = say_first<kRuns>}
    );
    routes.push_back(
        {.method = Method::kPost,
         .path = "/api/v1/playbook-runs/{run:int}/steps/{step:int}/done",
         .operation = "endPlaybookStep",
         .summary = "A person has done it",
         .topic = "playbooks",
         .verb = "playbook.done",
         .body = "PlaybookStep",
         .answer = "PlaybookChanged"}
    );
    routes.push_back(
        {.method = Method::kPost,
         .path = "/api/v1/playbook-runs/{run:int}/stop",
         .operation = "stopPlaybookRun",
         .summary = "Ends it",
         .topic = "playbooks",
         .verb = "playbook.stop",
         .answer = "PlaybookChanged"}
    );
}

// A credential is taken from a member: that is the administrators'.
std::string also_for_credentials(const Call& call) {
    return call.body.at("executor").as_string() == "credential" ? "peers:write" : "";
}

void add_action_routes(std::vector<Route>& routes) {
    routes.push_back(
        {.path = "/api/v1/actions",
         .operation = "listActions",
         .summary = "What is in force, or waits for a word",
         .topic = "actions",
         .verb = "actions",
         .query = "ActionQuery",
         .answer = "Actions",
         .items = "actions",
         .key = "number",
         .filters = "executor,state"}
    );
    routes.push_back(
        {.method = Method::kPost,
         .path = "/api/v1/actions",
         .operation = "act",
         .summary = "Something against an address, a member or a route, for a time",
         .topic = "actions",
         .verb = "act",
         .query = "DryRunQuery",
         .body = "ActionWish",
         .answer = "ActionDone",
         .status = 201,
         .also_needs = also_for_credentials}
    );
    const auto change = [&](std::string_view path, const char* operation, const char* summary,
                            const char* verb) {
        routes.push_back(
            {.method = Method::kPost,
             .path = path,
             .operation = operation,
             .summary = summary,
             .topic = "actions",
             .verb = verb,
             .answer = "Numbered"}
        );
    };
    change(
        "/api/v1/actions/{number:int}/approve", "approveAction", "What was proposed is done",
        "action.approve"
    );
    change(
        "/api/v1/actions/{number:int}/deny", "denyAction", "What was proposed is not done",
        "action.deny"
    );
    change("/api/v1/actions/{number:int}/confirm", "confirmAction", "It stays", "action.confirm");
    routes.push_back(
        {.method = Method::kPost,
         .path = "/api/v1/actions/{number:int}/undo",
         .operation = "undoAction",
         .summary = "Back to exactly what was, or what that would be",
         .topic = "actions",
         .verb = "undo",
         .query = "DryRunQuery",
         .body = "UndoWish",
         .answer = "Undone"}
    );
}

void add_knowledge_routes(std::vector<Route>& routes) {
    routes.push_back(
        {.path = "/api/v1/feeds",
         .operation = "listFeeds",
         .summary = "Who was seen to attack elsewhere: the lists, and what of them holds",
         .topic = "feeds",
         .verb = "feeds",
         .answer = "Feeds"}
    );
    routes.push_back(
        {.path = "/api/v1/feeds/lookup",
         .operation = "lookUp",
         .summary = "Who names this",
         .topic = "feeds",
         .verb = "feeds.lookup",
         .query = "LookupQuery",
         .answer = "Lookup"}
    );
    routes.push_back(
        {.method = Method::kPost,
         .path = "/api/v1/feeds/reload",
         .operation = "reloadFeeds",
         .summary = "Reads all of them now",
         .topic = "feeds",
         .verb = "feeds.reload",
         .answer = "FeedsReload",
         .status = 202}
    );
    routes.push_back(
        {.method = Method::kPost,
         .path = "/api/v1/feeds/fetch",
         .operation = "fetchFeeds",
         .summary = "Fetches those with a URL now",
         .topic = "feeds",
         .verb = "feeds.fetch",
         .body = "FeedsFetch",
         .answer = "FeedsReload",
         .status = 202}
    );
    routes.push_back(
        {.path = "/api/v1/rules",
         .operation = "listRules",
         .summary = "The signatures in force, and those that cannot be",
         .topic = "rules",
         .verb = "rules",
         .answer = "Rules"}
    );
    routes.push_back(
        {.method = Method::kPost,
         .path = "/api/v1/rules/reload",
         .operation = "reloadRules",
         .summary = "Reads all of them now",
         .topic = "rules",
         .verb = "rules.reload",
         .answer = "FeedsReload",
         .status = 202}
    );
    routes.push_back(
        {.path = "/api/v1/inputs",
         .operation = "listInputs",
         .summary = "The logs that are read, and how far",
         .topic = "inputs",
         .verb = "inputs",
         .answer = "Inputs"}
    );
    routes.push_back(
        {.path = "/api/v1/audit",
         .operation = "listAudit",
         .summary = "What was decided and done, by whom; the newest first",
         .topic = "audit",
         .verb = "audit",
         .query = "PageQuery",
         .answer = "AuditLog",
         .items = "entries",
         .key = "number",
         .pages_itself = true}
    );
}

}  // namespace

void add_defence_routes(std::vector<Route>& routes) {
    add_incident_routes(routes);
    add_seen_routes(routes);
    add_evidence_routes(routes);
    add_playbook_routes(routes);
    add_action_routes(routes);
    add_knowledge_routes(routes);
}

}  // namespace phantom::daemon
