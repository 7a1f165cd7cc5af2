#include "daemon/handling_service.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/log.h"
#include "daemon/control_server.h"
#include "daemon/json_fields.h"
#include "fields/fields.h"
#include "incident/post_mortem.h"
#include "incident/record.h"

namespace phantom::daemon {

namespace {

namespace json = boost::json;

json::object no_such_incident() {
    return control_error("not_found", "there is no such incident; 'phantom incidents' lists them");
}

json::object changed(std::uint64_t number, const incident::Incident& incident) {
    return {
        {"schema", "phantom.incident_change/1"},
        {"number", number},
        {"state", incident::name_of(incident.state)},
    };
}

std::string tactics_text(const assess::TechniqueTable& table, const std::string& technique) {
    const auto id = assess::TechniqueId::parse(technique);
    std::string text;
    if (!id) {
        return text;
    }
    for (assess::TacticSet left = table.tactics_of(*id); left != 0; left &= left - 1) {
        text += (text.empty() ? "" : ", ") + std::string(table.first_of(left));
    }
    return text;
}

}  // namespace

HandlingService::HandlingService(const Neighbours& neighbours, PlaybookRunner::Ask ask)
    : node_(neighbours.node),
      defence_(neighbours.defence),
      remedy_(neighbours.remedy),
      evidence_(neighbours.node, neighbours.audit, neighbours.loop),
      playbooks_(neighbours.node, neighbours.audit, std::move(ask), neighbours.loop) {}

void HandlingService::start() {
    reload();
    evidence_.start();
    const auto& incidents = defence_.pipeline().incidents().all();
    newest_ = incidents.empty() ? 0 : incidents.rbegin()->first;
    playbooks_.start();
}

// What is wrong leaves what was read before in force. Where that is nothing, an owner who wanted to be asked is asked.
void HandlingService::refuse_settings(const std::string& problem) {
    log::error("{}", problem);
    defence_.set_policy(
        has_settings_ ? defence_.pipeline().policy() : respond::ResponsePolicy::asking(), problem
    );
}

void HandlingService::reload() {
    HandlingSettings settings;
    if (const auto text = node_.files().read(kHandlingFile, kHandlingFileMax)) {
        const auto read = HandlingSettings::parse(text->text());
        if (!read) {
            refuse_settings(read.error());
            return;
        }
        settings = *read;
    } else if (!text.error().is(identity::IdentityError::kStateMissing)) {
        refuse_settings(fmt::format("{}: {}", kHandlingFile, text.error().message()));
        return;
    }
    has_settings_ = true;
    defence_.set_policy(settings.response, "");
    evidence_.set_files(settings.evidence_files);
    playbooks_.set_settings(settings);
}

void HandlingService::collect(const incident::Incident& incident, const char* why) {
    const bool asked = evidence_.collect({
        .incident = incident.number,
        .subject = incident.subject,
        .events = json::serialize(defence_.events_of(incident.number)),
        .configuration = json::serialize(defence_.configuration()),
        .rule_files = defence_.rule_files(),
        .why = why,
    });
    if (!asked) {
        log::error("evidence: incident {}: nothing is collected", incident.number);
    }
}

void HandlingService::take_reports() {
    bool any = false;
    for (const EvidenceService::Report& report : evidence_.take_reports()) {
        if (!report.problem.empty()) {
            ++counters_.failed;
        } else if (report.is_first) {
            ++counters_.sealed;
            defence_.times().observe(respond::Stage::kEvidence, report.took);
        }
        if (incident::Incident* found = defence_.pipeline().incidents().find(report.incident)) {
            defence_.traces().about(
                *found, report.is_first ? "evidence" : "more evidence",
                {wall_now().ns - report.took.count()}, {{"phantommesh.text", report.text}}
            );
            found->note(wall_now(), "evidence", report.text);
            defence_.touch(report.incident);
            any = true;
        }
    }
    if (any) {
        defence_.save();
    }
}

void HandlingService::tick() {
    take_reports();
    incident::IncidentBook& book = defence_.pipeline().incidents();
    const auto& incidents = book.all();
    for (auto at = incidents.upper_bound(newest_); at != incidents.end(); ++at) {
        newest_ = at->first;
        collect(at->second, "it was opened");
    }
    bool any = false;
    for (const std::uint64_t number : defence_.take_grown()) {
        incident::Incident* const incident = book.find(number);
        if (incident != nullptr && playbooks_.look_at(*incident)) {
            defence_.touch(number);
            any = true;
        }
    }
    if (any) {
        defence_.save();
    }
    playbooks_.tick();
}

// ---- Verbs ------------------------------------------------------------------------------------------------

bool HandlingService::is_verb(std::string_view verb) {
    static constexpr std::array<std::string_view, 7> kVerbs{
        "incident.merge",       "incident.split", "incident.reopen",  "incident.note",
        "incident.post_mortem", "evidence.show",  "evidence.collect",
    };
    return PlaybookService::is_verb(verb) || std::ranges::find(kVerbs, verb) != kVerbs.end();
}

incident::Incident* HandlingService::incident_in(const json::object& request, const char* key) {
    const std::int64_t number = fields::number_at(request, key, 0);
    return number < 1 ? nullptr
                      : defence_.pipeline().incidents().find(static_cast<std::uint64_t>(number));
}

json::object HandlingService::answer(const json::object& request) {
    const std::string verb = fields::text_at(request, "verb");
    if (PlaybookService::is_verb(verb)) {
        return playbooks_.answer(request, incident_in(request, "incident"));
    }
    if (verb == "evidence.show") {
        take_reports();
        return evidence_.show(request);
    }
    if (verb == "evidence.collect") {
        return collect_now(request);
    }
    return answer_incident(verb, request);
}

json::object HandlingService::collect_now(const json::object& request) {
    const incident::Incident* incident = incident_in(request, "number");
    if (incident == nullptr) {
        return no_such_incident();
    }
    collect(*incident, "it was asked for");
    return {{"schema", "phantom.evidence_collect/1"}, {"number", incident->number}};
}

json::object HandlingService::answer_incident(std::string_view verb, const json::object& request) {
    incident::Incident* incident = incident_in(request, "number");
    if (incident == nullptr) {
        return no_such_incident();
    }
    if (verb == "incident.post_mortem") {
        return tell_post_mortem(*incident);
    }
    const WallTime now = wall_now();
    incident::IncidentBook& book = defence_.pipeline().incidents();
    Status done;
    if (verb == "incident.note") {
        const std::string text = fields::text_at(request, "text");
        if (text.empty()) {
            return control_error("bad_request", "\"text\" is what is noted");
        }
        incident->note(now, "operator", text);
    } else if (verb == "incident.reopen") {
        done = book.reopen(incident->number, now, "by the operator");
    } else if (verb == "incident.split") {
        return split(*incident, request, now);
    } else {
        const incident::Incident* into = incident_in(request, "into");
        if (into == nullptr || into == incident) {
            return control_error("not_found", "\"into\" is another incident, which is open");
        }
        done = book.merge(incident->number, into->number, now, "by the operator");
    }
    if (!done) {
        return control_error(
            "refused", fmt::format(
                           "incident {} is in the state {}: {}", incident->number,
                           incident::name_of(incident->state), done.error().what()
                       )
        );
    }
    for (const std::uint64_t each : defence_.pipeline().follow_regrouped()) {
        defence_.grew(each);
    }
    defence_.touch(incident->number);
    defence_.save();
    return changed(incident->number, *incident);
}

json::object HandlingService::split(
    incident::Incident& incident, const json::object& request, WallTime now
) {
    std::vector<std::uint64_t> alerts;
    for (const json::value& each : fields::list_at(request, "alerts")) {
        boost::system::error_code error;
        alerts.push_back(each.to_number<std::uint64_t>(error));
    }
    incident::IncidentBook& book = defence_.pipeline().incidents();
    const auto number = book.split(incident.number, alerts, now);
    if (!number) {
        return control_error(
            "refused",
            fmt::format(
                "incident {} has to be open, and some of its alerts are to be named, not "
                "all: 'phantom alerts' shows which are of it",
                incident.number
            )
        );
    }
    for (const std::uint64_t each : defence_.pipeline().follow_regrouped()) {
        defence_.touch(each);
    }
    defence_.save();
    return changed(*number, *book.find(*number));
}

json::object HandlingService::tell_post_mortem(const incident::Incident& incident) const {
    const WallTime begun = wall_now();
    incident::Surroundings known;
    for (const std::uint64_t action : incident.actions) {
        if (const remedy::Action* found = remedy_.find(action)) {
            known.outcomes[action] =
                fmt::format("in force until {}", incident::time_text(found->until));
        }
    }
    for (const std::string& each : incident.techniques) {
        known.tactics[each] = tactics_text(defence_.pipeline().techniques(), each);
    }
    if (const json::object* index = evidence_.index_of(incident.number)) {
        for (const json::value& each : index->at("items").as_array()) {
            const json::object& item = each.as_object();
            known.evidence.push_back(fmt::format(
                "{}, {} bytes, {}, sha256 {}", fields::text_at(item, "file"),
                fields::number_at(item, "size", 0), fields::text_at(item, "at"),
                fields::text_at(item, "sha256")
            ));
        }
        known.evidence_head = fields::text_at(*index, "head");
    }
    known.playbooks = playbooks_.runs_of(incident.number);
    json::object told{
        {"schema", "phantom.post_mortem/1"},
        {"number", incident.number},
        {"markdown", incident::post_mortem(incident, known)},
        {"record", incident::post_mortem_record(incident, known)},
    };
    defence_.traces().about(incident, "post-mortem", begun);
    return told;
}

}  // namespace phantom::daemon
