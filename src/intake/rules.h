#pragma once

// What lines are held against: parsers, scenarios and Sigma's rules, from folders.

#include <functional>
#include <string>
#include <vector>

#include "scenario/scenario.h"
#include "scenario/sigma.h"

namespace phantom::intake {

inline constexpr std::size_t kRuleFilesMax = 20'000;
inline constexpr std::size_t kRuleDataSizeMax = 16U << 20U;

// Asked in front of each file: false ends it there.
using GoesOn = std::function<bool()>;

// Files and folders; of a hub's folder only parsers, scenarios and data, not its tests. Returned is what
// could not be read, as sentences. What was read is in force but for what `unusable` of the two says.
[[nodiscard]] std::vector<std::string> load_scenarios(
    const std::vector<std::string>& places, scenario::Engine& engine, const GoesOn& goes_on = {}
);
[[nodiscard]] std::vector<std::string> load_sigma(
    const std::vector<std::string>& places, scenario::SigmaRules& rules, const GoesOn& goes_on = {}
);

}  // namespace phantom::intake
