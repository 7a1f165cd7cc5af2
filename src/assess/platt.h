#pragma once

// Platt scaling: a logistic curve through few verdicts. Fitted as Lin, Lin and Weng do ("A note on Platt's
// probabilistic outputs for support vector machines", 2007): Newton's method with a line search, and targets
// that are drawn in so that separable verdicts do not make it infinitely steep.

#include <span>

#include "assess/isotonic.h"

namespace phantom::assess {

struct PlattCurve {
    double slope = 1;  // not below 0: more evidence never means less
    double offset = 0;

    [[nodiscard]] double at(double log_odds) const;
};

[[nodiscard]] PlattCurve fit_platt(std::span<const Verdict> verdicts);

}  // namespace phantom::assess
