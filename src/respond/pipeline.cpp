#include "respond/pipeline.h"

#include <algorithm>
#include <array>
#include <span>

#include <fmt/format.h>

#include "base/assert.h"
#include "incident/record.h"
#include "respond/known_techniques.h"

namespace phantom::respond {

namespace {

// What others say of somebody, feeds or members, is evidence and no verdict: something was seen here too.
bool has_own_evidence(const assess::Fused& evidence) {
    using Family = assess::EvidenceFamily;
    for (const Family family :
         {Family::kSignature, Family::kScenario, Family::kAnomaly, Family::kLog}) {
        if (evidence.families.at(static_cast<std::size_t>(family)).value_or(0) > 0) {
            return true;
        }
    }
    return false;
}

}  // namespace

Pipeline::Pipeline() : techniques_(known_techniques()) {
    set_world(World());
    incidents_.set_techniques([this](std::string_view first, std::string_view next) {
        const auto before = assess::TechniqueId::parse(first);
        const auto after = assess::TechniqueId::parse(next);
        return before && after && techniques_.is_successor(*before, *after);
    });
}

void Pipeline::set_world(World world) {
    world_ = std::move(world);
    ++world_version_;
    assessor_.emplace(assess::AssessmentBasis{
        .prior = kPrior,
        .calibration = calibration_,
        .graph = world_.graph(),
        .techniques = techniques_,
    });
}

Outcome Pipeline::step(const Finding& finding) {
    if (watch_ != nullptr) {
        watch_->begin();
    }
    Alert& alert = alerts_.fold(finding);
    passed(Stage::kFold);
    const Families& families = gather(finding);
    passed(Stage::kGather);
    const bool news = is_news(alert, finding, families);
    const bool had_incident = alert.incident != 0;
    if (news) {
        judge(alert, finding, families);
    } else if (incident::Incident* incident = incidents_.find(alert.incident)) {
        incident->last_seen = finding.at;
    }
    Outcome outcome{
        .alert = alert.number,
        .incident = alert.incident,
        .is_new = alert.count == 1,
        .is_news = news,
        .is_first = alert.incident != 0 && !had_incident,
        .wishes = decide(finding, alert),
    };
    passed(Stage::kDecide);
    return outcome;
}

// Who goes on after something was done, or after the story was over, is news as well.
bool Pipeline::is_news(const Alert& alert, const Finding& finding, const Families& families) const {
    if (alert.judged.evidence != families.version || alert.judged.world != world_version_ ||
        finding.severity > alert.judged.severity ||
        finding.reputation.hits.size() != alert.judged.feeds) {
        return true;
    }
    const auto found = incidents_.all().find(alert.incident);
    return found != incidents_.all().end() &&
           (!found->second.is_open() || found->second.goes_on_anew());
}

void Pipeline::judge(Alert& alert, const Finding& finding, const Families& families) {
    PM_ASSERT(assessor_.has_value());
    std::array<assess::Evidence, assess::kEvidenceFamilyCount> evidence;
    std::size_t count = 0;
    for (const std::optional<Seen>& seen : families.strongest) {
        if (seen) {
            evidence[count++] = seen->evidence;
        }
    }
    const assess::Assessment assessment = assessor_->assess({
        .evidence = std::span(evidence).first(count),
        .feeds = finding.reputation.hits,
        .severity = finding.severity,
        .subject = world_.index_of(finding.subject),
        .technique = finding.technique,
    });
    passed(Stage::kAssess);
    alert.judged = {
        .evidence = families.version,
        .world = world_version_,
        .severity = finding.severity,
        .feeds = finding.reputation.hits.size(),
        .seen_here = has_own_evidence(assessment.evidence),
        .confidence = assessment.confidence.p,
        .loss = assessment.risk.severity_factor,
        .risk_tenths = assessment.risk.tenths,
    };
    alert.subject_name = world_.name_of(finding.subject);
    // What was judged worst stays: a later, weaker look does not make it harmless.
    const int risk_tenths = assessment.risk.tenths;
    if (alert.assessment.empty() || risk_tenths >= alert.risk_tenths) {
        alert.risk_tenths = risk_tenths;
        alert.priority = assessment.risk.priority;
        alert.confidence = assessment.confidence.p;
        alert.assessment = assessor_->explain(assessment);
    }
    passed(Stage::kAlert);
    if (alert.priority <= kIncidentPriority) {
        tell_incident(alert, finding, assessment);
        passed(Stage::kIncident);
    }
}

void Pipeline::tell_incident(
    Alert& alert, const Finding& finding, const assess::Assessment& assessment
) {
    const incident::Incident& incident = incidents_.report({
        .alert = alert.number,
        .subject = finding.subject,
        .object = finding.object,
        .subject_name = alert.subject_name,
        .text = finding.text,
        .assessment = fmt::format("risk {}", assessment.risk.to_string()),
        .technique = alert.technique,
        .risk_tenths = assessment.risk.tenths,
        .priority = static_cast<int>(alert.priority),
        .confidence = assessment.confidence.p,
        .first_seen = finding.first_seen,
        .at = finding.at,
    });
    alert.incident = incident.number;
}

// Many at once, so that a flood of subjects does not look for the oldest each time.
void Pipeline::forget_oldest() {
    std::vector<std::pair<std::int64_t, wire::Address>> newest;
    newest.reserve(evidence_.size());
    for (const auto& [subject, families] : evidence_) {
        std::int64_t newest_ns = 0;
        for (const std::optional<Seen>& seen : families.strongest) {
            newest_ns = std::max(newest_ns, seen ? seen->at.ns : 0);
        }
        newest.emplace_back(newest_ns, subject);
    }
    constexpr std::ptrdiff_t kAtOnce = kEvidenceSubjectsMax / 16;
    std::ranges::nth_element(newest, newest.begin() + kAtOnce);
    for (auto each = newest.begin(); each != newest.begin() + kAtOnce; ++each) {
        evidence_.erase(each->second);
    }
}

const Pipeline::Families& Pipeline::gather(const Finding& finding) {
    auto found = evidence_.find(finding.subject);
    if (found == evidence_.end()) {
        if (evidence_.size() == kEvidenceSubjectsMax) {
            forget_oldest();
        }
        found = evidence_.try_emplace(finding.subject).first;
    }
    Families& families = found->second;
    if (finding.at >= families.stale_at) {
        forget_stale(families, finding.at);
    }
    std::optional<Seen>& own =
        families.strongest[static_cast<std::size_t>(finding.evidence.family)];
    if (!own || finding.evidence.llr > own->evidence.llr) {
        families.version = ++changes_;
    }
    if (!own || finding.evidence.llr >= own->evidence.llr) {
        own = Seen{finding.evidence, finding.at};
    }
    return families;
}

void Pipeline::forget_stale(Families& families, WallTime now) {
    std::int64_t oldest_ns = now.ns;
    for (std::optional<Seen>& seen : families.strongest) {
        if (seen && Duration(now.ns - seen->at.ns) > kEvidenceLifetime) {
            seen.reset();
            families.version = ++changes_;
        }
        oldest_ns = std::min(oldest_ns, seen ? seen->at.ns : oldest_ns);
    }
    families.stale_at = {oldest_ns + kEvidenceLifetime.count() + 1};
}

std::optional<Wishes> Pipeline::decide(const Finding& finding, const Alert& alert) const {
    const Alert::Judgement& judged = alert.judged;
    if (!judged.seen_here || !(judged.confidence >= kConfidenceLeast) ||
        finding.at < alert.next_wish) {
        return std::nullopt;
    }
    Standing standing{.in_force = alert.measure, .proposed = alert.proposed};
    const auto spared = spared_.find(finding.subject);
    if (spared != spared_.end() && finding.at < spared->second.until) {
        standing.refused_from = spared->second.from;
    }
    const Choice choice = choose(
        policy_,
        {.subject = finding.subject,
         .subject_name = alert.subject_name,
         .confidence = judged.confidence,
         .loss = judged.loss,
         .risk_tenths = judged.risk_tenths},
        standing
    );
    if (choice.act.empty() && choice.propose == nullptr) {
        return std::nullopt;
    }
    Wishes wishes{
        .subject = finding.subject,
        .subject_name = alert.subject_name,
        .confidence = judged.confidence,
        .reason = fmt::format("alert {}: {}", alert.number, alert.rule),
        .act = {},
        .propose = std::nullopt,
    };
    for (const Measure* measure : choice.act) {
        wishes.act.push_back(*measure);
    }
    if (choice.propose != nullptr) {
        wishes.propose = *choice.propose;
    }
    return wishes;
}

void Pipeline::go_on_numbering() {
    std::uint64_t last = 0;
    for (const auto& [number, incident] : incidents_.all()) {
        for (const std::uint64_t each : incident.alerts) {
            last = std::max(last, each);
        }
    }
    alerts_.begin_after(last);
}

std::vector<std::uint64_t> Pipeline::follow_regrouped() {
    std::vector<std::uint64_t> changed = incidents_.take_changed();
    for (const std::uint64_t number : changed) {
        const incident::Incident* incident = incidents_.find(number);
        if (incident == nullptr || incident->state == incident::State::kMerged) {
            continue;
        }
        for (const std::uint64_t each : incident->alerts) {
            if (Alert* alert = alerts_.find(each)) {
                alert->incident = number;
            }
        }
    }
    return changed;
}

void Pipeline::acted(
    std::uint64_t alert, const Taken& taken, std::uint64_t instead_of, WallTime now
) {
    Alert* raised = alerts_.find(alert);
    if (raised == nullptr) {
        return;
    }
    if (instead_of != 0) {
        alerts_.replace(instead_of, taken.action, taken.executor);
    }
    raised->action = taken.action;
    raised->measure = taken.executor;
    incident::Incident* incident = incidents_.find(raised->incident);
    if (incident == nullptr) {
        return;
    }
    contain(
        *incident, taken, instead_of == 0 ? "" : fmt::format(", instead of action {}", instead_of),
        now
    );
}

bool Pipeline::adopted(std::uint64_t incident, const Taken& taken, WallTime now) {
    incident::Incident* found = incidents_.find(incident);
    if (found == nullptr || !found->is_open()) {
        return false;
    }
    contain(*found, taken, "", now);
    return true;
}

void Pipeline::contain(
    incident::Incident& incident, const Taken& taken, std::string_view more, WallTime now
) {
    if (incident.actions.size() < incident::kNumbersMax &&
        std::ranges::find(incident.actions, taken.action) == incident.actions.end()) {
        incident.actions.push_back(taken.action);
    }
    incident.note(
        now, "action",
        fmt::format(
            "action {}: {} until {}{}", taken.action, taken.text, incident::time_text(taken.until),
            more
        )
    );
    (void)incident.advance(incident::State::kContainment, now, taken.text);
}

void Pipeline::covered(std::uint64_t alert, const Taken& taken) {
    if (Alert* raised = alerts_.find(alert)) {
        raised->action = taken.action;
        raised->measure = taken.executor;
    }
}

void Pipeline::proposed(std::uint64_t alert, const Taken& taken, WallTime now) {
    asked_already(alert, taken);
    const Alert* raised = alerts_.find(alert);
    if (incident::Incident* incident =
            raised == nullptr ? nullptr : incidents_.find(raised->incident)) {
        incident->note(
            now, "action", fmt::format("proposed as action {}: {}", taken.action, taken.text)
        );
    }
}

void Pipeline::asked_already(std::uint64_t alert, const Taken& taken) {
    if (Alert* raised = alerts_.find(alert)) {
        raised->proposal = taken.action;
        raised->proposed = taken.executor;
    }
}

void Pipeline::answered(std::uint64_t alert, const Taken& proposal, Answer answer, WallTime now) {
    alerts_.release_proposal(proposal.action);
    const Alert* raised = alerts_.find(alert);
    if (raised == nullptr || answer == Answer::kApproved) {
        return;
    }
    if (answer == Answer::kDenied) {
        spare(raised->subject, step_of(proposal.executor), now);
    }
    if (incident::Incident* incident = incidents_.find(raised->incident)) {
        incident->note(
            now, "action",
            fmt::format(
                "proposal {}: {}", proposal.action,
                answer == Answer::kDenied ? "it was denied" : "nobody answered"
            )
        );
    }
}

void Pipeline::refused(std::uint64_t alert, std::string_view why, WallTime now) {
    Alert* raised = alerts_.find(alert);
    incident::Incident* incident = raised == nullptr ? nullptr : incidents_.find(raised->incident);
    if (raised != nullptr) {
        raised->next_wish = {now.ns + kWishAgain.count()};
    }
    if (incident != nullptr) {
        incident->note(now, "action", fmt::format("not taken: {}", why));
    }
}

void Pipeline::ended(std::uint64_t action, End end, WallTime now) {
    const bool by_somebody = end == End::kTakenBack;
    for (const auto& [number, alert] : alerts_.all()) {
        if (by_somebody && alert.action == action) {
            spare(alert.subject, 0, now);
        }
    }
    alerts_.release(action);  // whoever goes on may be acted against anew
    incident::Incident* incident = incidents_.of_action(action);
    if (incident == nullptr) {
        return;
    }
    if (by_somebody) {
        spare(incident->subject, 0, now);
    }
    if (!incident->is_open()) {
        return;
    }
    const char* why = by_somebody ? "it was taken back" : "its time is over";
    incident->note(now, "action", fmt::format("action {}: {}", action, why));
    (void)incident->advance(incident::State::kRecovery, now, "nothing is done against it any more");
}

void Pipeline::spare(const wire::Address& subject, std::size_t from, WallTime now) {
    std::erase_if(spared_, [&](const auto& each) { return each.second.until <= now; });
    const auto known = spared_.find(subject);
    if (known == spared_.end() && spared_.size() >= kSparedMax) {
        return;
    }
    const std::size_t least = known == spared_.end() ? from : std::min(from, known->second.from);
    spared_[subject] = {.until = {now.ns + kSpareDuration.count()}, .from = least};
}

Status Pipeline::acknowledge(std::uint64_t alert, WallTime now) {
    Alert* raised = alerts_.find(alert);
    if (raised == nullptr) {
        return fail(incident::IncidentError::kNoSuchIncident);
    }
    if (raised->state == Alert::State::kFiring) {
        raised->state = Alert::State::kAcknowledged;
    }
    if (incident::Incident* incident = incidents_.find(raised->incident)) {
        if (incident->acknowledged.ns == 0) {
            incident->acknowledged = now;
        }
        incident->note(now, "operator", fmt::format("alert {} acknowledged", alert));
        if (incident->state == incident::State::kNew) {
            return incident->move(incident::State::kTriage, now, "somebody looks at it");
        }
    }
    return {};
}

}  // namespace phantom::respond
