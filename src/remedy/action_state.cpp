#include "remedy/action_state.h"

namespace phantom::remedy {

bool may_become(ActionState from, ActionState to) {
    using enum ActionState;
    switch (from) {
        case kProposed:
            return to == kApproved || to == kDenied;
        case kApproved:
            return to == kJournaled || to == kDenied;
        case kJournaled:
            return to == kApplied || to == kCompensating;
        case kApplied:
            return to == kVerified || to == kCompensating;
        case kVerified:
            return to == kActive || to == kCompensating;
        case kActive:
            return to == kActive || to == kReverting;
        case kReverting:
        case kCompensating:
        case kStuck:
            return to == kReverted || to == kStuck;
        case kDenied:
        case kReverted:
            return false;
    }
    return false;
}

const char* name_of(ActionState state) {
    switch (state) {
        case ActionState::kProposed:
            return "proposed";
        case ActionState::kApproved:
            return "approved";
        case ActionState::kDenied:
            return "denied";
        case ActionState::kJournaled:
            return "journaled";
        case ActionState::kApplied:
            return "applied";
        case ActionState::kVerified:
            return "verified";
        case ActionState::kActive:
            return "active";
        case ActionState::kReverting:
            return "reverting";
        case ActionState::kCompensating:
            return "compensating";
        case ActionState::kReverted:
            return "reverted";
        case ActionState::kStuck:
            return "stuck";
    }
    return "";
}

}  // namespace phantom::remedy
