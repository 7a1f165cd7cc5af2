#include "alert/alert_state.h"

#include <algorithm>
#include <array>
#include <utility>

namespace phantom::alert {

namespace {

using enum AlertState;

constexpr std::array<std::pair<AlertState, AlertState>, 11> kTransitions{{
    {kNew, kSuppressed},
    {kNew, kFiring},
    {kNew, kResolved},
    {kSuppressed, kFiring},
    {kFiring, kSuppressed},
    {kSuppressed, kResolved},
    {kFiring, kResolved},
    {kFiring, kAcked},
    {kAcked, kResolved},
    {kResolved, kClosed},
    {kResolved, kFiring},
}};

}  // namespace

const char* name_of(AlertState state) {
    switch (state) {
        case kNew:
            return "new";
        case kSuppressed:
            return "suppressed";
        case kFiring:
            return "firing";
        case kAcked:
            return "acked";
        case kResolved:
            return "resolved";
        case kClosed:
            return "closed";
    }
    return "unknown";
}

Status check_transition(AlertState from, AlertState to) {
    if (std::ranges::find(kTransitions, std::pair(from, to)) == kTransitions.end()) {
        return fail(AlertError::kTransition, static_cast<std::uint32_t>(from));
    }
    return {};
}

}  // namespace phantom::alert
