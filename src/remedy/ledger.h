#pragma once

// What the records of the journal come to: which actions there are, what they hang on, and how it is to
// be with each target. Undoing one is not an inverse that is run but one action less: what the target is
// to be then follows from those that are left, and from how it was before the first of them. So actions
// may overlap and end in any order.
//
// A state machine without I/O. Limits: kActionsMax at a time, kProposalsMax that wait.

#include <map>
#include <vector>

#include "remedy/record.h"

namespace phantom::remedy {

inline constexpr std::size_t kActionsMax = 100'000;
inline constexpr std::size_t kProposalsMax = 256;

class Ledger {
  public:
    // kBadRecord for what cannot follow: an intent with a number that was used, one that depends on what
    // is not active, or anything of an action that is not in the state for it. Nothing is changed then.
    [[nodiscard]] Status take(const Record& record);
    // What is not written down: kApplied and kVerified. kBadTransition.
    [[nodiscard]] Status advance(ActionId id, ActionState to);

    [[nodiscard]] const Action* find(ActionId id) const;
    // By number; proposals are among them. Those that were reverted or denied are forgotten.
    [[nodiscard]] const std::map<ActionId, Action>& actions() const { return actions_; }
    // Without proposals.
    [[nodiscard]] std::size_t count(Executor executor) const;
    [[nodiscard]] std::size_t proposals() const;
    // Members that something is done against, by isolation, tunnel or credential.
    [[nodiscard]] std::vector<MemberId> members_cut_off() const;
    [[nodiscard]] ActionId next_id() const { return {last_ + 1}; }
    // kBadDependency, unless each is active.
    [[nodiscard]] Status check_dependencies(const std::vector<ActionId>& depends_on) const;
    // Those that depend on it, also through others; the last begun first.
    [[nodiscard]] std::vector<ActionId> dependents_of(ActionId id) const;

    // Those on which an action holds, or is being undone.
    [[nodiscard]] std::vector<Target> targets() const;
    // How it is to be: until the last one ends, and nothing of ours is shorter than what was there before
    // the first.
    [[nodiscard]] Condition wanted(const Target& target, WallTime now) const;

    // The records that lead to the same ledger, in the shortest way.
    [[nodiscard]] std::vector<Record> as_records() const;

  private:
    // What all actions on one target share.
    struct Line {
        Condition before;
        std::vector<ActionId> actions;
    };

    Status begin(const Record& record);
    Status follow(Action& action, const Record& record);
    void end(const Action& action);
    void settle_ends(ActionId from);
    [[nodiscard]] WallTime end_of(const Action& action) const;

    std::map<ActionId, Action> actions_;
    std::map<Target, Line> lines_;
    std::uint64_t last_ = 0;
};

}  // namespace phantom::remedy
