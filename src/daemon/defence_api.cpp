// What `phantom` asks of who defends the node.

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "daemon/alert_record.h"
#include "daemon/control_server.h"
#include "daemon/defence_service.h"
#include "fields/fields.h"
#include "incident/record.h"

namespace phantom::daemon {

namespace {

namespace json = boost::json;

json::object describe_measure(const respond::Measure& measure) {
    json::object out{
        {"executor", remedy::name_of(measure.executor)},
        {"use", measure.is_used},
        {"confidence", measure.confidence_min},
        {"risk_tenths", measure.risk_tenths_min},
        {"approve", respond::to_string(measure.approval)},
        {"for_s", std::chrono::duration_cast<std::chrono::seconds>(measure.duration).count()},
        {"active", measure.active_max},
        {"per_hour", measure.per_hour_max},
    };
    if (measure.rate != 0) {
        out["rate"] = measure.rate;
    }
    return out;
}

// The gentlest first.
json::array describe_measures(const respond::ResponsePolicy& policy) {
    json::array measures;
    for (const respond::Measure& each : policy.measures) {
        measures.push_back(describe_measure(each));
    }
    return measures;
}

json::array describe_targets(const respond::ResponsePolicy& policy) {
    json::array targets;
    for (const respond::TargetRule& each : policy.targets) {
        const auto* prefix = std::get_if<wire::Prefix>(&each.whom);
        json::array executors;
        for (const remedy::Executor executor : each.executors) {
            executors.emplace_back(remedy::name_of(executor));
        }
        targets.push_back(json::object{
            {"target", prefix == nullptr ? std::get<std::string>(each.whom) : prefix->to_string()},
            {"executors", std::move(executors)},
            {"approve", respond::to_string(each.approval)},
        });
    }
    return targets;
}

}  // namespace

bool DefenceService::is_verb(std::string_view verb) {
    static constexpr std::array<std::string_view, 6> kVerbs{
        "defence", "alerts", "ack", "incidents", "incident.close", "detections",
    };
    return std::ranges::find(kVerbs, verb) != kVerbs.end() || AlertService::is_verb(verb) ||
           RuleService::is_verb(verb);
}

json::object DefenceService::answer(const json::object& request) {
    const std::string verb = fields::text_at(request, "verb");
    if (verb == "defence") {
        return defence(request);
    }
    if (verb == "alerts") {
        return list_alerts(request);
    }
    if (RuleService::is_verb(verb)) {
        return rules_.answer(request);
    }
    if (AlertService::is_verb(verb)) {
        return alerts_.answer(request);
    }
    if (verb == "ack") {
        return acknowledge(request);
    }
    if (verb == "incidents") {
        return list_incidents(request);
    }
    if (verb == "detections") {
        return detections_.answer(request);
    }
    return close(request);
}

json::object DefenceService::defence(const json::object& request) {
    if (const std::string wanted = fields::text_at(request, "mode"); !wanted.empty()) {
        const auto* found = std::ranges::find(kModeNames, wanted);
        if (found == kModeNames.end()) {
            return control_error("bad_request", "\"mode\" is off, watch or act");
        }
        const ByteView bytes(reinterpret_cast<const std::uint8_t*>(wanted.data()), wanted.size());
        if (const Status kept = node_.files().write(kModeFile, bytes); !kept) {
            return control_error("refused", kept.error().message());
        }
        set_mode(static_cast<Mode>(found - kModeNames.begin()));
    }
    const Watcher::Counters counters =
        watcher_ == nullptr ? Watcher::Counters{} : watcher_->counters();
    return {
        {"schema", "phantom.defence/1"},
        {"mode", kModeNames[static_cast<std::size_t>(mode_)]},
        {"packets", counters.packets},
        {"packets_dropped", tunnel_.tap_dropped()},
        {"findings", counters.findings},
        {"findings_dropped", counters.findings_dropped},
        {"urgent_findings_dropped", counters.urgent_findings_dropped},
        {"rules", counters.rules},
        {"rules_unusable", counters.rules_unusable},
        {"rules_folder", rules_.path().string()},
        {"alerts", pipeline_.alerts().all().size()},
        {"incidents", pipeline_.incidents().all().size()},
        {"telling", alerts_.describe()},
        {"measures", describe_measures(pipeline_.policy())},
        {"targets", describe_targets(pipeline_.policy())},
        {"settings_problem", settings_problem_},
    };
}

json::object DefenceService::list_alerts(const json::object& request) const {
    const auto& all = pipeline_.alerts().all();
    if (const std::int64_t number = fields::number_at(request, "number", 0); number != 0) {
        const auto found = all.find(static_cast<std::uint64_t>(number));
        if (found == all.end()) {
            return control_error(
                "not_found", "there is no such alert; 'phantom alerts' lists them"
            );
        }
        json::object alert = describe_alert(found->second);
        alerts_.describe_into(alert, found->first, true);
        alert["trace_id"] = traces_.trace_of(found->second).to_string();
        alert["schema"] = "phantom.alert/1";
        return alert;
    }
    json::array alerts;
    for (const auto& [number, alert] : all) {
        json::object each = describe_alert(alert);
        alerts_.describe_into(each, number, false);
        each["trace_id"] = traces_.trace_of(alert).to_string();
        alerts.push_back(std::move(each));
    }
    return {
        {"schema", "phantom.alerts/1"},
        {"alerts", std::move(alerts)},
        {"dropped", pipeline_.alerts().dropped()},
        {"telling", alerts_.describe()},
    };
}

json::object DefenceService::acknowledge(const json::object& request) {
    const auto number = static_cast<std::uint64_t>(fields::number_at(request, "number", 0));
    const auto found = pipeline_.alerts().all().find(number);
    if (found == pipeline_.alerts().all().end()) {
        return control_error("not_found", "there is no such alert; 'phantom alerts' lists them");
    }
    if (const Status done = pipeline_.acknowledge(number, wall_now()); !done) {
        return control_error("refused", done.error().message());
    }
    if (const auto problem = alerts_.acknowledge(number, wall_now())) {
        return control_error("refused", *problem);
    }
    changed_.insert(found->second.incident);
    save_changed();
    return {{"schema", "phantom.ack/1"}, {"number", number}};
}

json::object DefenceService::list_incidents(const json::object& request) {
    if (const std::int64_t number = fields::number_at(request, "number", 0); number != 0) {
        const incident::Incident* found =
            pipeline_.incidents().find(static_cast<std::uint64_t>(number));
        if (found == nullptr) {
            return control_error(
                "not_found", "there is no such incident; 'phantom incidents' lists them"
            );
        }
        json::object incident = incident::to_json(*found);
        incident["trace_id"] = traces_.trace_of(*found).to_string();
        return incident;
    }
    json::array incidents;
    for (const auto& [number, incident] : pipeline_.incidents().all()) {
        json::object each = incident::to_json(incident);
        each.erase("timeline");
        each.erase("times_ns");
        each["trace_id"] = traces_.trace_of(incident).to_string();
        incidents.push_back(std::move(each));
    }
    return {{"schema", "phantom.incidents/1"}, {"incidents", std::move(incidents)}};
}

json::object DefenceService::close(const json::object& request) {
    const auto number = static_cast<std::uint64_t>(fields::number_at(request, "number", 0));
    incident::Incident* incident = pipeline_.incidents().find(number);
    if (incident == nullptr) {
        return control_error(
            "not_found", "there is no such incident; 'phantom incidents' lists them"
        );
    }
    const bool is_mistake = fields::is_true(request, "false_positive");
    const WallTime now = wall_now();
    Status closed;
    if (is_mistake && incident->state == incident::State::kNew) {
        closed = incident->move(incident::State::kTriage, now, "");
    }
    if (closed) {
        closed = is_mistake
                     ? incident->move(incident::State::kFalsePositive, now, "by the operator")
                     : incident->advance(incident::State::kClosed, now, "by the operator");
    }
    if (!closed) {
        return control_error(
            "refused", fmt::format(
                           "incident {} is in the state {}: {}", number,
                           incident::name_of(incident->state), closed.error().what()
                       )
        );
    }
    traces_.about(*incident, "incident", incident->opened);
    changed_.insert(number);
    save_changed();
    return {
        {"schema", "phantom.incident_close/1"},
        {"number", number},
        {"state", incident::name_of(incident->state)},
    };
}

// ---- For evidence ----------------------------------------------------------------------------------

json::object DefenceService::events_of(std::uint64_t incident) const {
    const auto found = pipeline_.incidents().all().find(incident);
    if (found == pipeline_.incidents().all().end()) {
        return {};
    }
    json::array alerts;
    for (const auto& [number, alert] : pipeline_.alerts().all()) {
        if (alert.incident == incident) {
            alerts.push_back(describe_alert(alert));
        }
    }
    return {{"incident", incident::to_json(found->second)}, {"alerts", std::move(alerts)}};
}

json::object DefenceService::configuration() {
    json::object state = defence({});
    state["version"] = PM_VERSION;
    state["interface"] = node_.state().membership.interface;
    const auto& policy = node_.state().policy;
    state["policy_sequence"] = policy ? policy->sequence : 0;
    return state;
}

}  // namespace phantom::daemon
