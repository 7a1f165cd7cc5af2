#pragma once

// Log-odds: ln(p / (1 - p)). Independent evidence adds up in them.

#include <cmath>

namespace phantom::assess {

[[nodiscard]] inline double log_odds_of(double probability) {
    return std::log(probability / (1 - probability));
}

[[nodiscard]] inline double probability_of(double log_odds) {
    return 1 / (1 + std::exp(-log_odds));
}

}  // namespace phantom::assess
