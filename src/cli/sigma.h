#pragma once

// `phantom detect --sigma`: Sigma's rules, held against the lines of a log.

#include <string>
#include <vector>

#include "cli/scenarios.h"

namespace phantom::cli {

// `arguments.places` has the rules. The exit status.
[[nodiscard]] int replay_sigma(const ScenarioArguments& arguments);

}  // namespace phantom::cli
