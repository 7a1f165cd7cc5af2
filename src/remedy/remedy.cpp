#include "remedy/remedy.h"

#include <ranges>

namespace phantom::remedy {

namespace {

WallTime later(WallTime now, Duration by) {
    return {now.ns + by.count()};
}

const Condition& entry_of(const Target& target, const Conditions& conditions) {
    static constexpr Condition kNotInForce;
    const auto at = conditions.find(target);
    return at == conditions.end() ? kNotInForce : at->second;
}

Record record_of(RecordKind kind, ActionId id, const Request& request, WallTime now) {
    const Duration lasting =
        kind == RecordKind::kProposed ? kProposalLifetime : request.terms.duration;
    return {
        .kind = kind,
        .at = now,
        .action = id,
        .target = request.target,
        .terms = request.terms,
        .until = later(now, lasting),
        .before = {},
        .reason = request.reason.substr(0, kReasonSizeMax),
    };
}

}  // namespace

// First on the disk, then in the ledger: it never holds what a restart would not know.
Status Remedy::write_down(const Record& record) {
    PM_TRY(journal_.append(record));
    return ledger_.take(record);
}

Status Remedy::enforce(const Target& target, WallTime now) {
    ExecutorInterface* executor = PM_TRY(executors_.find(target));
    const Condition wanted = ledger_.wanted(target, now);
    PM_TRY(executor->write(target, wanted, now));
    const Condition found = PM_TRY(executor->read(target, now));
    return agree(found, wanted) ? Status() : fail(RemedyError::kNotVerified);
}

// ---- Acting -------------------------------------------------------------------------------------

Status Remedy::check(const Request& request) const {
    PM_TRY(guard_.check(request, ledger_));
    PM_TRY(ledger_.check_dependencies(request.terms.depends_on));
    ExecutorInterface* executor = PM_TRY(executors_.find(request.target));
    return executor->check(request.target);
}

Result<ActionId> Remedy::act(const Request& request, WallTime now) {
    return act_as(ledger_.next_id(), request, now);
}

Result<ActionId> Remedy::act_as(ActionId id, const Request& request, WallTime now) {
    PM_TRY(check(request));
    ExecutorInterface* executor = PM_TRY(executors_.find(request.target));
    Record intent = record_of(RecordKind::kIntent, id, request, now);
    intent.before = PM_TRY(executor->read(request.target, now));
    PM_TRY(write_down(intent));
    if (Status done = make_active(id, now); !done) {
        abandon(id, now);
        return std::unexpected(done.error());
    }
    return id;
}

Status Remedy::make_active(ActionId id, WallTime now) {
    const Target target = ledger_.find(id)->target;
    ExecutorInterface* executor = PM_TRY(executors_.find(target));
    const Condition wanted = ledger_.wanted(target, now);
    PM_TRY(executor->write(target, wanted, now));
    PM_TRY(ledger_.advance(id, ActionState::kApplied));
    if (!agree(PM_TRY(executor->read(target, now)), wanted)) {
        return fail(RemedyError::kNotVerified);
    }
    PM_TRY(ledger_.advance(id, ActionState::kVerified));
    return write_down({.kind = RecordKind::kDone, .at = now, .action = id});
}

// Nobody was told that it holds, and the journal says no more than that it was intended: a restart
// undoes that. So it is undone even where the journal takes nothing any more.
void Remedy::abandon(ActionId id, WallTime now) {
    const Record revert{.kind = RecordKind::kRevert, .at = now, .action = id};
    (void)journal_.append(revert);
    (void)ledger_.take(revert);
    (void)finish_undoing(id, now);
}

Result<ActionId> Remedy::propose(const Request& request, WallTime now) {
    PM_TRY(guard_.check_always(request));
    PM_TRY(ledger_.check_dependencies(request.terms.depends_on));
    if (ledger_.proposals() >= kProposalsMax) {
        return fail(RemedyError::kProposalsFull);
    }
    const ActionId id = ledger_.next_id();
    PM_TRY(write_down(record_of(RecordKind::kProposed, id, request, now)));
    return id;
}

Status Remedy::approve(ActionId id, WallTime now) {
    const Action* proposal = ledger_.find(id);
    if (proposal == nullptr || !proposal->is_proposed() || proposal->until <= now) {
        return fail(RemedyError::kNotProposed);
    }
    const Request request{
        .target = proposal->target,
        .terms = proposal->terms,
        .is_approved = true,
        .reason = proposal->reason,
    };
    PM_TRY(act_as(id, request, now));
    return {};
}

Status Remedy::deny(ActionId id, WallTime now) {
    const Action* proposal = ledger_.find(id);
    if (proposal == nullptr || !proposal->is_proposed()) {
        return fail(RemedyError::kNotProposed);
    }
    return write_down({.kind = RecordKind::kDenied, .at = now, .action = id});
}

Status Remedy::enforce_with_dependents(ActionId id, WallTime now) {
    PM_TRY(enforce(ledger_.find(id)->target, now));
    for (const ActionId& dependent : ledger_.dependents_of(id)) {
        PM_TRY(enforce(ledger_.find(dependent)->target, now));
    }
    return {};
}

Status Remedy::renew(ActionId id, Duration duration, WallTime now) {
    const Action* action = ledger_.find(id);
    if (action == nullptr) {
        return fail(RemedyError::kUnknownAction);
    }
    if (action->state != ActionState::kActive) {
        return fail(RemedyError::kNotActive);
    }
    if (duration < kActionShortest || duration > kActionLongest) {
        return fail(RemedyError::kBadDuration);
    }
    PM_TRY(write_down(
        {.kind = RecordKind::kRenewed, .at = now, .action = id, .until = later(now, duration)}
    ));
    return enforce_with_dependents(id, now);
}

Status Remedy::confirm(ActionId id, WallTime now) {
    const Action* action = ledger_.find(id);
    if (action == nullptr) {
        return fail(RemedyError::kUnknownAction);
    }
    if (action->state != ActionState::kActive || action->ends <= now) {
        return fail(RemedyError::kNotActive);
    }
    PM_TRY(write_down({.kind = RecordKind::kConfirmed, .at = now, .action = id}));
    return enforce_with_dependents(id, now);
}

// ---- Undoing ------------------------------------------------------------------------------------

Status Remedy::undo(ActionId id, WallTime now, Cascade cascade) {
    const Action* action = ledger_.find(id);
    if (action == nullptr || action->is_proposed()) {
        return fail(RemedyError::kUnknownAction);
    }
    const std::vector<ActionId> dependents = ledger_.dependents_of(id);
    if (!dependents.empty() && cascade == Cascade::kNo) {
        return fail(RemedyError::kHasDependents, static_cast<std::uint32_t>(dependents.size()));
    }
    for (const ActionId& dependent : dependents) {
        PM_TRY(undo_one(dependent, now));
    }
    return undo_one(id, now);
}

Status Remedy::undo_one(ActionId id, WallTime now) {
    if (ledger_.find(id)->holds()) {
        PM_TRY(write_down({.kind = RecordKind::kRevert, .at = now, .action = id}));
    }
    return finish_undoing(id, now);
}

Status Remedy::finish_undoing(ActionId id, WallTime now) {
    const Action& action = *ledger_.find(id);
    if (!enforce(action.target, now)) {
        if (action.holds()) {
            PM_TRY(write_down({.kind = RecordKind::kRevert, .at = now, .action = id}));
        }
        if (action.state != ActionState::kStuck) {
            PM_TRY(write_down({.kind = RecordKind::kStuck, .at = now, .action = id}));
        }
        return fail(RemedyError::kStuck);
    }
    return write_down({.kind = RecordKind::kReverted, .at = now, .action = id});
}

// ---- Time ---------------------------------------------------------------------------------------

Status Remedy::start(const std::vector<Record>& records, WallTime now) {
    for (const Record& record : records) {
        PM_TRY(ledger_.take(record));
    }
    // Copied: undoing takes them out.
    const auto actions = ledger_.actions();
    for (const auto& [id, action] : actions | std::views::reverse) {
        if (action.state != ActionState::kJournaled) {
            continue;
        }
        // What is stuck is tried again with each tick; what cannot be written down is not known.
        if (const Status undone = undo_one(id, now);
            !undone && !undone.error().is(RemedyError::kStuck)) {
            return undone;
        }
    }
    (void)tick(now);  // what it could not do it says with the next one
    return {};
}

// Those whose time is over or that are being undone, to their end; the last begun first, so that nothing
// outlives what it depends on. How many ended by themselves.
std::size_t Remedy::settle(WallTime now) {
    std::vector<ActionId> due;
    std::vector<ActionId> denied;
    for (const auto& [id, action] : ledger_.actions() | std::views::reverse) {
        if (action.is_proposed()) {
            const bool may_be = action.until > now &&
                                ledger_.check_dependencies(action.terms.depends_on).has_value();
            if (!may_be) {
                denied.push_back(id);
            }
        } else if (!action.holds() || action.ends <= now) {
            due.push_back(id);
        }
    }
    for (const ActionId& id : denied) {
        (void)deny(id, now);
    }
    std::size_t ended = 0;
    for (const ActionId& id : due) {
        const bool holds = ledger_.find(id)->holds();
        ended += finish_undoing(id, now) && holds ? 1 : 0;
    }
    return ended;
}

void Remedy::renew_due(WallTime now) {
    std::vector<std::pair<ActionId, Duration>> due;
    for (const auto& [id, action] : ledger_.actions()) {
        const bool is_half_over = Duration(action.until.ns - now.ns) <= action.terms.duration / 2;
        if (action.state == ActionState::kActive && action.terms.renews && is_half_over) {
            due.emplace_back(id, action.terms.duration);
        }
    }
    for (const auto& [id, duration] : due) {
        (void)renew(id, duration, now);  // else with the next tick: there is half of the time left
    }
}

Result<std::size_t> Remedy::compare(ExecutorInterface& executor, WallTime now) {
    std::size_t repaired = 0;
    const Conditions found = PM_TRY(executor.read_all(now));
    for (const Target& target : ledger_.targets()) {
        const auto acts = executors_.find(target);
        if (!acts || *acts != &executor ||
            agree(entry_of(target, found), ledger_.wanted(target, now))) {
            continue;
        }
        PM_TRY(enforce(target, now));
        ++repaired;
    }
    return repaired;
}

Result<Remedy::Tick> Remedy::tick(WallTime now) {
    Tick tick{.ended = settle(now)};
    renew_due(now);
    std::optional<Error> problem;
    for (ExecutorInterface* executor : executors_.all()) {
        const auto repaired = compare(*executor, now);
        if (repaired) {
            tick.repaired += *repaired;
        } else {
            problem = repaired.error();
        }
    }
    for (const auto& [id, action] : ledger_.actions()) {
        tick.stuck += action.state == ActionState::kStuck ? 1 : 0;
    }
    return problem ? Result<Tick>(std::unexpected(*problem)) : Result<Tick>(tick);
}

}  // namespace phantom::remedy
