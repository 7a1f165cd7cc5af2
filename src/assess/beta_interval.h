#pragma once

// How sure a rate is that was seen `count` times.

namespace phantom::assess {

inline constexpr double kIntervalMass = 0.9;

struct Interval {
    double low = 0;
    double high = 1;

    friend bool operator==(const Interval&, const Interval&) = default;
};

// The middle 90 % of Beta(attacks + 1, benign + 1): what the rate may be, after these, when nothing was known
// before. Need not be whole numbers.
[[nodiscard]] Interval beta_interval(double attacks, double benign);

}  // namespace phantom::assess
