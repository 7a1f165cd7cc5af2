#include "daemon/policy_api.h"

#include "daemon/control_server.h"
#include "daemon/json_fields.h"
#include "fields/fields.h"

namespace phantom::daemon {

namespace {

namespace json = boost::json;

constexpr const char* kSchema = "phantom.policy/1";

json::object refuse(const MeshNode::PolicyRefusal& refusal) {
    json::object answer = control_error(refusal.at ? "bad_policy" : "refused", refusal.text);
    if (refusal.at) {
        json::object& error = answer.at("error").as_object();
        error["line"] = refusal.at->line;
        error["column"] = refusal.at->column;
    }
    return answer;
}

json::object show(const MeshNode& node) {
    json::object out{{"schema", kSchema}, {"active", node.policy() != nullptr}};
    const identity::PolicyRecord* record = node.mesh().policy();
    out["sequence"] = record == nullptr ? 0 : record->sequence;
    out["signed"] = nullptr;
    out["text"] = record == nullptr ? "" : record->text;
    if (record != nullptr) {
        out["signed"] = time_text(record->issued);
    }
    json::array routes;
    if (node.policy() != nullptr) {
        for (const policy::Route& route : node.policy()->routes()) {
            json::array nodes;
            for (const std::string& name : route.nodes) {
                nodes.emplace_back(name);
            }
            routes.push_back({{"prefix", route.prefix.to_string()}, {"nodes", std::move(nodes)}});
        }
    }
    out["routes"] = std::move(routes);
    return out;
}

json::object check(const json::object& request, const MeshNode& node) {
    const auto document = node.check_policy(fields::text_at(request, "text"));
    if (!document) {
        return refuse(document.error());
    }
    return {
        {"schema", "phantom.policy.check/1"},
        {"grants", document->grants.size()},
        {"tests", document->tests.size()},
    };
}

json::object set(const std::string& text, MeshNode& node) {
    const auto sequence = node.set_policy(text);
    if (!sequence) {
        return refuse(sequence.error());
    }
    return show(node);
}

// None: it is what whoever changes it believes it to be, or did not say.
std::optional<json::object> conflict(const json::object& request, const MeshNode& node) {
    const identity::PolicyRecord* record = node.mesh().policy();
    const auto now = static_cast<std::int64_t>(record == nullptr ? 0 : record->sequence);
    if (fields::number_at(request, "if_sequence", now) == now) {
        return std::nullopt;
    }
    return control_error("conflict", "the policy has changed since you have read it");
}

json::object explain(const json::object& request, const MeshNode& node) {
    json::object out{{"schema", "phantom.policy.explain/1"}, {"allowed", true}, {"line", nullptr}};
    if (node.policy() == nullptr) {
        out["text"] = "There is no policy: everybody reaches everybody.";
        return out;
    }
    const auto explained = policy::explain(
        *node.policy(), fields::text_at(request, "src"), fields::text_at(request, "dst"),
        fields::text_at(request, "port")
    );
    if (!explained) {
        return control_error("not_found", explained.error());
    }
    out["allowed"] = explained->allowed;
    if (const auto& at = explained->at) {
        out["line"] = at->line;
    }
    out["text"] = explained->text;
    return out;
}

}  // namespace

std::optional<json::object> answer_policy(
    std::string_view verb, const json::object& request, MeshNode& node
) {
    if (verb == "policy.show") {
        return show(node);
    }
    if (verb == "policy.check") {
        return check(request, node);
    }
    if (verb == "policy.set" || verb == "policy.clear") {
        if (auto changed = conflict(request, node)) {
            return changed;
        }
    }
    if (verb == "policy.set") {
        if (fields::is_true(request, "dry_run")) {
            return check(request, node);
        }
        const std::string text = fields::text_at(request, "text");
        // An empty text would open everything; that is said on purpose, or not at all.
        return text.empty() ? control_error("bad_request", "\"text\" is missing or empty")
                            : set(text, node);
    }
    if (verb == "policy.clear") {
        return set("", node);
    }
    if (verb == "policy.explain") {
        return explain(request, node);
    }
    return std::nullopt;
}

}  // namespace phantom::daemon
