#pragma once

// Where an alert is between being seen and being forgotten.

#include <cstdint>

#include "alert/errors.h"

namespace phantom::alert {

enum class AlertState : std::uint8_t { kNew, kSuppressed, kFiring, kAcked, kResolved, kClosed };

[[nodiscard]] const char* name_of(AlertState state);

// kTransition for everything but
//   new -> suppressed | firing
//   suppressed <-> firing             a silence begins or ends
//   new | suppressed | firing -> resolved   it ends before anybody is told or answers
//   firing -> acked -> resolved -> closed
//   resolved -> firing                it is back within kReopenWindow
[[nodiscard]] Status check_transition(AlertState from, AlertState to);

}  // namespace phantom::alert
