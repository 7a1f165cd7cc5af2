#include "remedy/ledger.h"

#include <algorithm>
#include <initializer_list>
#include <set>

namespace phantom::remedy {

namespace {

// A record stands for one step or some: what lies between was never written down.
bool step(ActionState& state, std::initializer_list<ActionState> through) {
    ActionState at = state;
    for (const ActionState next : through) {
        if (!may_become(at, next)) {
            return false;
        }
        at = next;
    }
    state = at;
    return true;
}

bool never_was_active(ActionState state) {
    using enum ActionState;
    return state == kJournaled || state == kApplied || state == kVerified;
}

bool become_active(ActionState& state) {
    using enum ActionState;
    return (state == kVerified && step(state, {kActive})) ||
           step(state, {kApplied, kVerified, kActive});
}

bool begin_undoing(ActionState& state) {
    using enum ActionState;
    return step(state, {never_was_active(state) ? kCompensating : kReverting});
}

// What is over by its time ends without a word that it is about to.
bool end_undoing(ActionState& state, ActionState end) {
    if (state == ActionState::kActive && end == ActionState::kStuck) {
        return false;
    }
    ActionState at = state;
    if (at == ActionState::kActive || never_was_active(at)) {
        (void)begin_undoing(at);
    }
    if (!step(at, {end})) {
        return false;
    }
    state = at;
    return true;
}

// What follows an intent that has come so far.
std::vector<RecordKind> kinds_to(ActionState state) {
    switch (state) {
        case ActionState::kActive:
            return {RecordKind::kDone};
        case ActionState::kReverting:
            return {RecordKind::kDone, RecordKind::kRevert};
        case ActionState::kCompensating:
            return {RecordKind::kRevert};
        case ActionState::kStuck:
            return {RecordKind::kRevert, RecordKind::kStuck};
        default:
            return {};
    }
}

// What is there for longer stays so.
bool outlasts(const Condition& a, WallTime until) {
    return a.in_force && (!a.until || *a.until > until);
}

bool cuts_off(const Target& target) {
    return target.executor == Executor::kIsolation || target.executor == Executor::kCredential ||
           (target.executor == Executor::kTunnel && target.option == kBar);
}

}  // namespace

Status Ledger::take(const Record& record) {
    if (record.begins()) {
        return begin(record);
    }
    if (record.kind == RecordKind::kNumbered) {
        last_ = std::max(last_, record.action.number);
        return {};
    }
    const auto at = actions_.find(record.action);
    return at == actions_.end() ? fail(RemedyError::kBadRecord) : follow(at->second, record);
}

Status Ledger::follow(Action& action, const Record& record) {
    bool may = false;
    switch (record.kind) {
        case RecordKind::kDone:
            may = become_active(action.state);
            break;
        case RecordKind::kRenewed:
            may = step(action.state, {ActionState::kActive});
            action.until = may ? record.until : action.until;
            break;
        case RecordKind::kConfirmed:
            may = step(action.state, {ActionState::kActive});
            action.terms.confirm_within = may ? Duration(0) : action.terms.confirm_within;
            break;
        case RecordKind::kRevert:
            may = action.holds() && begin_undoing(action.state);
            break;
        case RecordKind::kStuck:
            may = end_undoing(action.state, ActionState::kStuck);
            break;
        case RecordKind::kReverted:
            may = end_undoing(action.state, ActionState::kReverted);
            break;
        case RecordKind::kDenied:
            may = step(action.state, {ActionState::kDenied});
            break;
        case RecordKind::kIntent:
        case RecordKind::kProposed:
        case RecordKind::kNumbered:
            break;
    }
    if (!may) {
        return fail(RemedyError::kBadRecord);
    }
    if (action.state == ActionState::kReverted || action.state == ActionState::kDenied) {
        end(action);
    } else if (record.kind == RecordKind::kRenewed || record.kind == RecordKind::kConfirmed) {
        settle_ends(action.id);
    }
    return {};
}

Status Ledger::begin(const Record& record) {
    const auto proposed = actions_.find(record.action);
    const bool was_proposed = proposed != actions_.end() && proposed->second.is_proposed();
    const bool may =
        was_proposed ? record.kind == RecordKind::kIntent : record.action.number > last_;
    if (!may || (!was_proposed && actions_.size() >= kActionsMax) ||
        !check_dependencies(record.terms.depends_on) || !check_shape(record.target)) {
        return fail(RemedyError::kBadRecord);
    }
    last_ = std::max(last_, record.action.number);
    const bool is_proposal = record.kind == RecordKind::kProposed;
    if (!is_proposal) {
        Line& line = lines_[record.target];
        if (line.actions.empty()) {
            line.before = record.before;
        }
        line.actions.push_back(record.action);
    }
    Action& action = actions_[record.action];
    action = {
        .id = record.action,
        .target = record.target,
        .terms = record.terms,
        .begun = record.at,
        .until = record.until,
        .ends = {},
        .state = is_proposal ? ActionState::kProposed : ActionState::kJournaled,
        .reason = record.reason,
    };
    action.ends = end_of(action);
    return {};
}

void Ledger::end(const Action& action) {
    const ActionId id = action.id;
    const auto line = lines_.find(action.target);
    if (line != lines_.end()) {
        std::erase(line->second.actions, id);
        if (line->second.actions.empty()) {
            lines_.erase(line);
        }
    }
    actions_.erase(id);
}

Status Ledger::advance(ActionId id, ActionState to) {
    const auto at = actions_.find(id);
    const bool is_unwritten = to == ActionState::kApplied || to == ActionState::kVerified;
    if (at == actions_.end() || !is_unwritten || !step(at->second.state, {to})) {
        return fail(RemedyError::kBadTransition);
    }
    return {};
}

// ---- What hangs on what -------------------------------------------------------------------------

Status Ledger::check_dependencies(const std::vector<ActionId>& depends_on) const {
    const bool all = depends_on.size() <= kDependsMax &&
                     std::ranges::all_of(depends_on, [&](const ActionId& id) {
                         const Action* action = find(id);
                         return action != nullptr && action->state == ActionState::kActive;
                     });
    return all ? Status() : fail(RemedyError::kBadDependency);
}

WallTime Ledger::end_of(const Action& action) const {
    WallTime end = action.until;
    if (action.is_proposed()) {
        return end;
    }
    if (const auto confirm_by = action.confirm_by()) {
        end = std::min(end, *confirm_by);
    }
    for (const ActionId& id : action.terms.depends_on) {
        if (const Action* other = find(id)) {
            end = std::min(end, other->ends);
        }
    }
    return end;
}

// Who depends on another has a greater number, so once is enough.
void Ledger::settle_ends(ActionId from) {
    std::set<ActionId> moved{from};
    for (auto at = actions_.find(from); at != actions_.end(); ++at) {
        Action& action = at->second;
        const bool follows = std::ranges::any_of(action.terms.depends_on, [&](const ActionId& id) {
            return moved.contains(id);
        });
        if (action.id == from || follows) {
            moved.insert(action.id);
            action.ends = end_of(action);
        }
    }
}

std::vector<ActionId> Ledger::dependents_of(ActionId id) const {
    std::vector<ActionId> found;
    std::set<ActionId> among{id};
    for (auto at = actions_.upper_bound(id); at != actions_.end(); ++at) {
        const bool depends =
            !at->second.is_proposed() &&
            std::ranges::any_of(at->second.terms.depends_on, [&](const ActionId& each) {
                return among.contains(each);
            });
        if (depends) {
            among.insert(at->first);
            found.push_back(at->first);
        }
    }
    std::ranges::reverse(found);
    return found;
}

// ---- What there is ------------------------------------------------------------------------------

const Action* Ledger::find(ActionId id) const {
    const auto at = actions_.find(id);
    return at == actions_.end() ? nullptr : &at->second;
}

std::size_t Ledger::count(Executor executor) const {
    return static_cast<std::size_t>(std::ranges::count_if(actions_, [&](const auto& each) {
        return each.second.target.executor == executor && !each.second.is_proposed();
    }));
}

std::size_t Ledger::proposals() const {
    return static_cast<std::size_t>(std::ranges::count_if(actions_, [](const auto& each) {
        return each.second.is_proposed();
    }));
}

std::vector<MemberId> Ledger::members_cut_off() const {
    std::set<MemberId> found;
    for (const auto& [target, line] : lines_) {
        const MemberId* member = member_of(target);
        if (member != nullptr && cuts_off(target)) {
            found.insert(*member);
        }
    }
    return {found.begin(), found.end()};
}

std::vector<Target> Ledger::targets() const {
    std::vector<Target> found;
    found.reserve(lines_.size());
    for (const auto& [target, line] : lines_) {
        found.push_back(target);
    }
    return found;
}

Condition Ledger::wanted(const Target& target, WallTime now) const {
    const auto line = lines_.find(target);
    if (line == lines_.end()) {
        return {};
    }
    Condition wanted = outlasts(line->second.before, now) ? line->second.before : Condition{};
    for (const ActionId& id : line->second.actions) {
        const Action& action = actions_.at(id);
        if (action.holds() && action.ends > now && !outlasts(wanted, action.ends)) {
            wanted = {.in_force = true, .until = action.ends};
        }
    }
    return wanted;
}

std::vector<Record> Ledger::as_records() const {
    std::vector<Record> records;
    // Those that are being undone may have outlived what they depended on; a proposal may not.
    const auto still_there = [&](const Action& action) {
        Terms terms = action.terms;
        std::erase_if(terms.depends_on, [&](const ActionId& id) {
            const Action* other = find(id);
            return other == nullptr || other->state != ActionState::kActive;
        });
        return terms;
    };
    for (const auto& [id, action] : actions_) {
        if (action.is_proposed() && !check_dependencies(action.terms.depends_on)) {
            continue;
        }
        const auto line = lines_.find(action.target);
        const Terms terms = still_there(action);
        records.push_back({
            .kind = action.is_proposed() ? RecordKind::kProposed : RecordKind::kIntent,
            .at = action.begun,
            .action = id,
            .target = action.target,
            .terms = terms,
            .until = terms == action.terms ? action.until : action.ends,
            .before =
                action.is_proposed() || line == lines_.end() ? Condition{} : line->second.before,
            .reason = action.reason,
        });
        for (const RecordKind kind : kinds_to(action.state)) {
            records.push_back({.kind = kind, .at = action.begun, .action = id});
        }
    }
    records.push_back({.kind = RecordKind::kNumbered, .action = {last_}});
    return records;
}

}  // namespace phantom::remedy
