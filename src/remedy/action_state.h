#pragma once

// How far an action has got, and what may come next. Every other step is an error and changes nothing.
//
//   proposed -> approved | denied
//   approved -> journaled -> applied -> verified -> active -> active (renewed) | reverting
//   journaled, applied, verified -> compensating
//   reverting, compensating -> reverted | stuck
//   stuck -> reverted | stuck

#include <cstdint>

namespace phantom::remedy {

enum class ActionState : std::uint8_t {
    kProposed,      // in the journal; waits for somebody's word
    kApproved,      // that word was given
    kDenied,        // or the other one, or none in time
    kJournaled,     // in the journal; the world may have it or not
    kApplied,       // the executor has said that it is done
    kVerified,      // it was looked at
    kActive,        // the journal says so
    kReverting,     // in the journal; the world may have it still
    kCompensating,  // the same, of one that never was active
    kReverted,
    kStuck,  // neither could be done; taken up again with each tick
};

[[nodiscard]] bool may_become(ActionState from, ActionState to);
[[nodiscard]] const char* name_of(ActionState state);

}  // namespace phantom::remedy
