#include "remedy/errors.h"

#include <cerrno>

namespace phantom::remedy {

namespace {

const char* describe(std::uint16_t code) {
    switch (static_cast<RemedyError>(code)) {
        case RemedyError::kGuarded:
            return "this target is on a guard list and is never acted against";
        case RemedyError::kLowConfidence:
            return "the confidence is below what this kind of action asks for";
        case RemedyError::kNeedsApproval:
            return "this kind of action waits for somebody's approval";
        case RemedyError::kBudget:
            return "as many actions of this kind are active as may be at a time";
        case RemedyError::kBadDuration:
            return "an action lasts from a second to a year";
        case RemedyError::kUnknownAction:
            return "there is no such action";
        case RemedyError::kNotActive:
            return "the action is not active (any more)";
        case RemedyError::kBadTarget:
            return "this kind of action cannot be taken against such a target";
        case RemedyError::kNoExecutor:
            return "this kind of action cannot be taken on this machine now";
        case RemedyError::kUnknownMember:
            return "no such member is known here";
        case RemedyError::kBadDependency:
            return "an action can depend on at most 8 others, which have to be active";
        case RemedyError::kHasDependents:
            return "other actions depend on this one; take them back first, or all with --cascade";
        case RemedyError::kNotProposed:
            return "there is no such proposal (any more)";
        case RemedyError::kProposalsFull:
            return "as many proposals wait as may; approve or deny some";
        case RemedyError::kBadTransition:
            return "an action cannot go from the state it is in to that one";
        case RemedyError::kJournalOpen:
            return "cannot open the journal of actions";
        case RemedyError::kJournalRead:
            return "cannot read the journal of actions";
        case RemedyError::kJournalWrite:
            return "cannot write to the journal of actions (is the disk full?)";
        case RemedyError::kJournalDamaged:
            return "the journal of actions is damaged before its end, at the byte that is given";
        case RemedyError::kBadRecord:
            return "a record of the journal says what cannot be";
        case RemedyError::kFirewallSetUp:
            return "the firewall table could not be made (is the program nft there?)";
        case RemedyError::kFirewallSocket:
            return "the kernel cannot be asked about its firewall";
        case RemedyError::kFirewallRefused:
            return "the kernel has refused a change of its firewall (is CAP_NET_ADMIN held?)";
        case RemedyError::kRouteRefused:
            return "the kernel has refused a change of its routes (is CAP_NET_ADMIN held?)";
        case RemedyError::kNodeRefused:
            return "this node could not do it";
        case RemedyError::kNotVerified:
            return "what was asked for is not what is there now; it was undone";
        case RemedyError::kStuck:
            return "the action could neither be done nor undone: look at what it was about by hand";
    }
    return "unknown error";
}

constexpr ErrorDomain kRemedyDomain{"remedy", describe};

}  // namespace

const ErrorDomain& error_domain(RemedyError /*code*/) {
    return kRemedyDomain;
}

std::unexpected<Error> fail_with_errno(RemedyError code) {
    return fail(code, static_cast<std::uint32_t>(errno));
}

}  // namespace phantom::remedy
