#include "daemon/defence_actions.h"

#include <fmt/format.h>

#include "base/log.h"
#include "daemon/remedy_effect.h"
#include "daemon/remedy_switches.h"
#include "intel/indicator.h"

namespace phantom::daemon {

namespace {

using respond::Pipeline;
using respond::step_of;

bool is_harder(const remedy::Action& action, const remedy::Action* than) {
    return than == nullptr || step_of(action.target.executor) > step_of(than->target.executor);
}

}  // namespace

void DefenceActions::start() {
    for (const auto& [number, incident] : pipeline_.incidents().all()) {
        for (const std::uint64_t action : incident.actions) {
            const remedy::Action* found = remedy_.find(action);
            if (incident.is_open()) {
                followed_[action] = found == nullptr ? WallTime{} : found->until;
            }
        }
    }
    for (const auto& [number, alert] : pipeline_.alerts().all()) {
        // Its incident may be closed, or have had more actions than it keeps: what has ended meanwhile must not count as
        // in force for ever.
        if (alert.action != 0) {
            const remedy::Action* found = remedy_.find(alert.action);
            followed_.try_emplace(alert.action, found == nullptr ? WallTime{} : found->until);
        }
        if (alert.proposal != 0 && alert.proposed) {
            asked_[alert.proposal] = {
                number,
                {.action = alert.proposal, .executor = *alert.proposed, .until = {}, .text = {}}
            };
        }
    }
}

void DefenceActions::set_policy(const respond::ResponsePolicy& policy) {
    remedy_.set_limits(policy.limits());
    pipeline_.set_policy(policy);
}

// ---- What there is already ----------------------------------------------------------------------

bool DefenceActions::is_about(const remedy::Target& target, const wire::Address& subject) const {
    if (const auto* address = std::get_if<wire::Address>(&target.key)) {
        return *address == subject;
    }
    const auto* id = std::get_if<remedy::MemberId>(&target.key);
    const auto* member =
        id == nullptr ? nullptr : node_.mesh().directory().find_known(node_id(*id));
    return member != nullptr && (member->certificate.overlay_v4 == subject ||
                                 member->descriptor.overlay_v6() == subject);
}

const remedy::Action* DefenceActions::action_against(const wire::Address& subject) const {
    const remedy::Action* hardest = nullptr;
    for (const auto& [number, until] : followed_) {
        const remedy::Action* const action = remedy_.find(number);
        if (action != nullptr && action->holds() &&
            step_of(action->target.executor) < respond::kMeasureCount &&
            is_about(action->target, subject) && is_harder(*action, hardest)) {
            hardest = action;
        }
    }
    return hardest;
}

const remedy::Action* DefenceActions::proposal_against(const wire::Address& subject) const {
    const remedy::Action* hardest = nullptr;
    const remedy::Ledger* const ledger = remedy_.ledger();
    if (ledger == nullptr || ledger->proposals() == 0) {
        return nullptr;
    }
    for (const auto& [id, action] : ledger->actions()) {
        if (action.is_proposed() && step_of(action.target.executor) < respond::kMeasureCount &&
            is_about(action.target, subject) && is_harder(action, hardest)) {
            hardest = &action;
        }
    }
    return hardest;
}

Pipeline::Taken DefenceActions::describe(const remedy::Action& action) const {
    return {
        .action = action.id.number,
        .executor = action.target.executor,
        .until = action.until,
        .text = deed_text(action.target, node_),
    };
}

// ---- Taking -------------------------------------------------------------------------------------

// None: it is about a member, and nobody is known by that name any more.
std::optional<remedy::Request> DefenceActions::request_of(
    const respond::Wishes& wishes, const respond::Measure& measure
) const {
    remedy::Request request;
    request.target = {measure.executor, wishes.subject, measure.rate};
    if (measure.needs_member) {
        const auto* member = node_.mesh().directory().find_name(wishes.subject_name);
        if (member == nullptr) {
            return std::nullopt;
        }
        request.target = {measure.executor, member_id(member->descriptor.node)};
    }
    request.terms.duration = measure.duration;
    request.confidence = wishes.confidence;
    request.reason = wishes.reason;
    return request;
}

bool DefenceActions::take(std::uint64_t alert, const respond::Wishes& wishes, WallTime now) {
    const bool acted = !wishes.act.empty() && act(alert, wishes, now);
    const bool asked = wishes.propose && propose(alert, wishes, now);
    return acted || asked;
}

// One undo lets somebody go, however many rules spoke against him: one action is in force, the hardest.
bool DefenceActions::act(std::uint64_t alert, const respond::Wishes& wishes, WallTime now) {
    const remedy::Action* before = action_against(wishes.subject);
    std::string why;
    for (const respond::Measure& measure : wishes.act) {
        if (before != nullptr && step_of(measure.executor) <= step_of(before->target.executor)) {
            pipeline_.covered(alert, describe(*before));
            alerts_.note(alert);
            if (!why.empty()) {
                refuse(alert, wishes, why, now);  // the harder one, not with the next finding again
            }
            return false;
        }
        const auto request = request_of(wishes, measure);
        if (!request) {
            why = fmt::format("{} is no member any more", wishes.subject_name);
            continue;
        }
        if (!budget_.may(measure, now)) {
            why = fmt::format(
                "{} a {} in an hour is all that is done without being asked", measure.per_hour_max,
                remedy::name_of(measure.executor)
            );
            continue;
        }
        const std::uint64_t gives_way = before == nullptr ? 0 : before->id.number;
        const auto action = remedy_.act(*request, now);
        if (action) {
            budget_.spend(measure, now);
            took(alert, *action, gives_way, now);
            return true;
        }
        why = action.error();
    }
    refuse(alert, wishes, why, now);
    return false;
}

void DefenceActions::took(
    std::uint64_t alert, const remedy::Action& action, std::uint64_t instead_of, WallTime now
) {
    const Pipeline::Taken taken = describe(action);
    ++counters_.taken.at(static_cast<std::size_t>(taken.executor));
    followed_[taken.action] = taken.until;
    pipeline_.acted(alert, taken, instead_of, wall_now());
    if (instead_of != 0) {
        give_way(instead_of, now);
    }
    note(
        remedy::name_of(taken.executor), target_text(action.target, node_), action.reason,
        fmt::format("done: action {}", taken.action)
    );
    alerts_.note(alert);
    log::warning(
        "action {}: {}; 'phantom undo {}' takes it back", taken.action, taken.text, taken.action
    );
}

void DefenceActions::give_way(std::uint64_t before, WallTime now) {
    followed_.erase(before);
    // It may have ended meanwhile, or something else may hang on it: then it ends when its time is over.
    const auto problem = remedy_.take_back(before, now);
    note(
        "undo", fmt::format("action {}", before), "a harder one has taken its place",
        problem ? *problem : "done"
    );
}

bool DefenceActions::propose(std::uint64_t alert, const respond::Wishes& wishes, WallTime now) {
    if (!wishes.propose) {
        return false;
    }
    const respond::Measure& measure = *wishes.propose;
    const std::size_t step = step_of(measure.executor);
    if (const remedy::Action* action = action_against(wishes.subject);
        action != nullptr && step <= step_of(action->target.executor)) {
        return false;  // it was approved because of another alert
    }
    if (const remedy::Action* before = proposal_against(wishes.subject);
        before != nullptr && step <= step_of(before->target.executor)) {
        // Somebody else's, or one of a moment before a kill: its answer is waited for as for our own.
        const Pipeline::Taken taken = describe(*before);
        asked_.try_emplace(taken.action, Asked{alert, taken});
        pipeline_.asked_already(alert, taken);
        alerts_.note(alert);
        return false;
    }
    const auto request = request_of(wishes, measure);
    const auto action = request ? remedy_.propose(*request, now)
                                : std::unexpected(std::string("nobody is known by that name"));
    if (!action) {
        refuse(alert, wishes, action.error(), now);
        return false;
    }
    const Pipeline::Taken taken = describe(*action);
    asked_[taken.action] = {alert, taken};
    pipeline_.proposed(alert, taken, wall_now());
    note(
        "propose", target_text(action->target, node_), action->reason,
        fmt::format("waits for somebody's word: action {}", taken.action)
    );
    alerts_.note(alert);
    log::warning(
        "action {} is proposed: {}; 'phantom actions approve {}' does it", taken.action,
        remedy::name_of(taken.executor), taken.action
    );
    return true;
}

void DefenceActions::refuse(
    std::uint64_t alert, const respond::Wishes& wishes, const std::string& why, WallTime now
) {
    ++counters_.refused;
    pipeline_.refused(alert, why, now);
    if (why != refused_) {
        const std::string subject = wishes.subject.to_string();
        note("act", subject, wishes.reason, "refused: " + why);
        log::warning("defence: {}: {}", subject, why);
    }
    refused_ = why;
}

bool DefenceActions::adopt(std::uint64_t incident, std::uint64_t action, WallTime now) {
    const remedy::Action* found = remedy_.find(action);
    if (found == nullptr || !found->holds()) {
        return false;
    }
    const Pipeline::Taken taken = describe(*found);
    if (!pipeline_.adopted(incident, taken, now)) {
        return false;
    }
    followed_[action] = found->until;
    const bool is_step = step_of(taken.executor) < respond::kMeasureCount;
    for (const auto& [number, alert] : pipeline_.alerts().all()) {
        if (is_step && alert.action == 0 && is_about(found->target, alert.subject)) {
            pipeline_.covered(number, taken);
            alerts_.note(number);
        }
    }
    return true;
}

// ---- Following ----------------------------------------------------------------------------------

std::vector<std::uint64_t> DefenceActions::follow(WallTime now) {
    std::vector<std::uint64_t> changed;
    follow_proposals(now, changed);
    for (auto at = followed_.begin(); at != followed_.end();) {
        const auto [action, until] = *at;
        if (remedy_.find(action) != nullptr) {
            ++at;
            continue;
        }
        at = followed_.erase(at);
        const bool is_over = until <= now;
        ++(is_over ? counters_.run_out : counters_.taken_back);
        pipeline_.ended(
            action, is_over ? Pipeline::End::kTimeIsOver : Pipeline::End::kTakenBack, now
        );
        note(
            "action ended", fmt::format("action {}", action),
            is_over ? "its time is over" : "it was taken back", "done"
        );
        if (const incident::Incident* incident = pipeline_.incidents().of_action(action)) {
            changed.push_back(incident->number);
        }
    }
    return changed;
}

void DefenceActions::follow_proposals(WallTime now, std::vector<std::uint64_t>& changed) {
    for (auto at = asked_.begin(); at != asked_.end();) {
        const Asked asked = at->second;
        const remedy::Action* action = remedy_.find(asked.taken.action);
        if (action != nullptr && action->is_proposed()) {
            at->second.taken.until = action->until;
            ++at;
            continue;
        }
        at = asked_.erase(at);
        const bool is_lapsed = action == nullptr && asked.taken.until <= now;
        pipeline_.answered(
            asked.alert, asked.taken,
            action != nullptr ? Pipeline::Answer::kApproved
            : is_lapsed       ? Pipeline::Answer::kNone
                              : Pipeline::Answer::kDenied,
            now
        );
        if (action != nullptr && action->holds()) {
            const auto* alert = pipeline_.alerts().all().contains(asked.alert)
                                    ? &pipeline_.alerts().all().at(asked.alert)
                                    : nullptr;
            const remedy::Action* before =
                alert == nullptr ? nullptr : action_against(alert->subject);
            const bool gives_way = before != nullptr && is_harder(*action, before);
            const remedy::Action copy = *action;
            took(asked.alert, copy, gives_way ? before->id.number : 0, now);
        }
        alerts_.note(asked.alert);
        const auto& all = pipeline_.alerts().all();
        if (const auto found = all.find(asked.alert); found != all.end()) {
            changed.push_back(found->second.incident);
        }
    }
}

// What somebody else has seen this node does not repeat; who is slowed down is no news to others.
std::vector<mesh::Reports::Report> DefenceActions::reports() const {
    std::vector<mesh::Reports::Report> reports;
    const double confidence = pipeline_.policy().of(remedy::Executor::kFirewall).confidence_min;
    const auto tell = [&](const remedy::Action& action, const wire::Address& subject,
                          WallTime until) {
        if (subject.is_none() || reports.size() == mesh::kReportsMax) {
            return;
        }
        reports.push_back({
            .subject = subject,
            .until = {static_cast<std::uint64_t>(until.ns / 1'000'000'000)},
            .confidence = static_cast<std::uint8_t>(100 * confidence),
            .rule = intel::shown(action.reason).substr(0, mesh::kReportRuleMax),
        });
    };
    for (const auto& [number, until] : followed_) {
        const remedy::Action* const action = remedy_.find(number);
        if (action == nullptr || !action->holds() ||
            action->target.executor == remedy::Executor::kRateLimit) {
            continue;
        }
        if (const auto* address = std::get_if<wire::Address>(&action->target.key)) {
            tell(*action, *address, until);
        } else if (const auto* id = std::get_if<remedy::MemberId>(&action->target.key)) {
            if (const auto* member = node_.mesh().directory().find_known(node_id(*id))) {
                tell(*action, member->certificate.overlay_v4, until);
                tell(*action, member->descriptor.overlay_v6(), until);
            }
        }
    }
    return reports;
}

void DefenceActions::note(
    std::string what, std::string target, std::string why, std::string outcome
) {
    audit_.tell(
        {.who = "defence",
         .origin = "pipeline",
         .what = std::move(what),
         .target = std::move(target),
         .why = std::move(why),
         .outcome = std::move(outcome)}
    );
}

}  // namespace phantom::daemon
