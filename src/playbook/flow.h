#pragma once

// Whether a workflow holds together: every step that is named is there and can be reached, nothing goes in circles but
// through a while, every variable that is used can have a value, every agent and target is defined.

#include <optional>

#include "playbook/reader.h"

namespace phantom::playbook {

[[nodiscard]] std::optional<Problem> problem_of_flow(const Playbook& playbook);

}  // namespace phantom::playbook
