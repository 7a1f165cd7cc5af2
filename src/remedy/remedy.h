#pragma once

// Actions that change the world and can be taken back exactly:
//
//   act      guard -> what is there now -> intent on the disk -> world -> look -> outcome on the disk
//   propose  the same request, kept until somebody approves or denies it
//   undo     the same way back, to what was there before or what other actions still ask for; of what
//            depends on it first
//   start    an intent without an outcome is undone, for nobody was told that it holds; an undoing
//            without an end is brought to it
//   tick     what has ended is undone, what was to be renewed is; what there is is compared with what
//            there should be
//
// Owner and thread: the response thread; the one that writes to its journal and through its executors.

#include "remedy/executor.h"
#include "remedy/guard.h"
#include "remedy/journal.h"

namespace phantom::remedy {

// The kernel is compared with the ledger so often when it has not said that something changed.
inline constexpr Duration kReconcileInterval = 1s;

class Remedy {
  public:
    // All outlive it. `records` are those of the journal.
    Remedy(Journal& journal, const Executors& executors, Guard guard)
        : journal_(journal), executors_(executors), guard_(std::move(guard)) {}

    // Once, before anything else; then what tick() does. kBadRecord: what the journal says cannot be.
    [[nodiscard]] Status start(const std::vector<Record>& records, WallTime now);

    // What Guard::check and the executor say, kBadDependency, kJournalWrite, kNotVerified: nothing was
    // changed, or it was undone; where that failed too the action is stuck, and tick() goes on trying.
    [[nodiscard]] Result<ActionId> act(const Request& request, WallTime now);
    // What act() would do, without doing it.
    [[nodiscard]] Status check(const Request& request) const;
    // From `now` on; shorter is possible. kUnknownAction, kNotActive, kBadDuration; as act().
    [[nodiscard]] Status renew(ActionId id, Duration duration, WallTime now);
    // All is well with it: it stays. kUnknownAction, kNotActive; as act().
    [[nodiscard]] Status confirm(ActionId id, WallTime now);

    // Waits for approve() or deny(), for kProposalLifetime. kProposalsFull, and what nobody could approve.
    [[nodiscard]] Result<ActionId> propose(const Request& request, WallTime now);
    // kNotProposed; as act(), and the proposal stays where that says no.
    [[nodiscard]] Status approve(ActionId id, WallTime now);
    [[nodiscard]] Status deny(ActionId id, WallTime now);

    // kUnknownAction; kHasDependents, unless they are to be undone with it; kJournalWrite: nothing was
    // changed, or of what depends on it some; kStuck.
    enum class Cascade : bool { kNo, kYes };
    [[nodiscard]] Status undo(ActionId id, WallTime now, Cascade cascade = Cascade::kNo);

    struct Tick {
        std::size_t ended = 0;     // their time was over
        std::size_t repaired = 0;  // targets with which the world did not agree
        std::size_t stuck = 0;     // still
    };
    // With each change that the kernel tells of, and every kReconcileInterval. An executor that fails
    // does not keep the others from their work; its error is the answer.
    [[nodiscard]] Result<Tick> tick(WallTime now);

    void set_guard(Guard guard) { guard_ = std::move(guard); }
    [[nodiscard]] const Ledger& ledger() const { return ledger_; }

  private:
    [[nodiscard]] Status write_down(const Record& record);
    [[nodiscard]] Result<ActionId> act_as(ActionId id, const Request& request, WallTime now);
    // The target as the ledger wants it, and looked at.
    [[nodiscard]] Status enforce(const Target& target, WallTime now);
    [[nodiscard]] Status make_active(ActionId id, WallTime now);
    [[nodiscard]] Status enforce_with_dependents(ActionId id, WallTime now);
    [[nodiscard]] Status undo_one(ActionId id, WallTime now);
    [[nodiscard]] Status finish_undoing(ActionId id, WallTime now);
    void abandon(ActionId id, WallTime now);
    std::size_t settle(WallTime now);
    void renew_due(WallTime now);
    [[nodiscard]] Result<std::size_t> compare(ExecutorInterface& executor, WallTime now);

    Journal& journal_;
    const Executors& executors_;
    Guard guard_;
    Ledger ledger_;
};

}  // namespace phantom::remedy
