#pragma once

// What is done, for how long, and what it hangs on. Values only.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "remedy/action_state.h"
#include "remedy/target.h"

namespace phantom::remedy {

using namespace std::chrono_literals;

inline constexpr Duration kActionShortest = 1s;
inline constexpr Duration kActionLongest = 365 * 24h;
inline constexpr std::size_t kReasonSizeMax = 200;
inline constexpr std::size_t kDependsMax = 8;
// What was proposed and not answered is denied.
inline constexpr Duration kProposalLifetime = 1h;

struct ActionId {
    std::uint64_t number = 0;
    friend auto operator<=>(const ActionId&, const ActionId&) = default;
};

// How it is with a target: what an executor reads and writes.
struct Condition {
    bool in_force = false;
    std::optional<WallTime> until = std::nullopt;  // none: until it is taken away
    friend bool operator==(const Condition&, const Condition&) = default;
};

// What is asked for, beside the target.
struct Terms {
    Duration duration{};
    // Taken back unless somebody confirms within this time that all is well; zero: nobody need.
    Duration confirm_within{};
    // Renewed at half of its time for as long as this program runs.
    bool renews = false;
    // It ends with any of these. They were there before it: so there are no circles.
    std::vector<ActionId> depends_on = {};

    friend bool operator==(const Terms&, const Terms&) = default;
};

struct Action {
    ActionId id;
    Target target;
    Terms terms;
    WallTime begun;
    WallTime until;  // of a proposal: when it is denied
    WallTime ends;   // the least of `until`, the end of what it depends on, and the time to confirm
    ActionState state = ActionState::kJournaled;
    std::string reason;  // for people; at most kReasonSizeMax bytes

    // It is (to be) in force.
    [[nodiscard]] bool holds() const {
        using enum ActionState;
        return state == kJournaled || state == kApplied || state == kVerified || state == kActive;
    }
    [[nodiscard]] bool is_proposed() const { return state == ActionState::kProposed; }
    [[nodiscard]] std::optional<WallTime> confirm_by() const {
        return terms.confirm_within == Duration(0)
                   ? std::nullopt
                   : std::optional(WallTime{begun.ns + terms.confirm_within.count()});
    }
};

}  // namespace phantom::remedy
