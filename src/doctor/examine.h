#pragma once

// Judges a machine: what of it is as a node needs it, what is not, and what to do. No I/O.
//
//     const std::vector<Finding> findings = examine(gather(places));
//     return verdict(findings) == State::kProblem ? 1 : 0;

#include <string>
#include <string_view>
#include <vector>

#include "doctor/facts.h"

namespace phantom::doctor {

// In order: each is worse than the one before.
enum class State {
    kOk,
    kWarning,  // a node runs, but not as well as it could
    kProblem,  // it does not run, or loses what it should keep
};

[[nodiscard]] std::string_view name_of(State state);

struct Finding {
    std::string_view check;  // "tun": a name that stays
    State state = State::kOk;
    std::string found;   // one line
    std::string advice;  // what to do; empty where nothing is
};

// One or more for each check, in the order in which a person would repair them.
[[nodiscard]] std::vector<Finding> examine(const Facts& facts);

// The worst.
[[nodiscard]] State verdict(const std::vector<Finding>& findings);

}  // namespace phantom::doctor
