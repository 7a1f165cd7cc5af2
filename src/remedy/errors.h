#pragma once

#include <cstdint>

#include "base/result.h"

namespace phantom::remedy {

enum class RemedyError : std::uint16_t {
    // Why an action is not taken; nothing was changed.
    kGuarded,
    kLowConfidence,
    kNeedsApproval,
    kBudget,
    kBadDuration,
    kUnknownAction,
    kNotActive,
    kBadTarget,
    kNoExecutor,
    kUnknownMember,
    kBadDependency,
    kHasDependents,
    kNotProposed,
    kProposalsFull,
    kBadTransition,
    // Of the journal; the detail of the first three is errno, of the fourth a place in the file.
    kJournalOpen,
    kJournalRead,
    kJournalWrite,
    kJournalDamaged,
    kBadRecord,
    // Of the kernel; the detail is errno.
    kFirewallSetUp,
    kFirewallSocket,
    kFirewallRefused,
    kRouteRefused,
    // Of this node.
    kNodeRefused,
    // What was done is not what the kernel has; it was undone.
    kNotVerified,
    // Neither done nor undone: somebody has to look.
    kStuck,
};

[[nodiscard]] const ErrorDomain& error_domain(RemedyError code);

// fail(code, errno)
[[nodiscard]] std::unexpected<Error> fail_with_errno(RemedyError code);

}  // namespace phantom::remedy
