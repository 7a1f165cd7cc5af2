#pragma once

// How well probabilities foretold what came.

#include <cstddef>
#include <span>

namespace phantom::assess {

// Bins of the expected calibration error, of equal count.
inline constexpr std::size_t kEceBins = 15;

struct Forecast {
    double p = 0;
    bool attack = false;
};

struct Quality {
    // The mean of (p - outcome)^2: 0 is perfect, 0.25 what always saying 0.5 costs.
    double brier = 0;
    // The mean distance, over the bins, between what was said and what came.
    double ece = 0;
};

// There is one forecast at least. Equal ones fall into bins in the order they stand in.
[[nodiscard]] Quality quality_of(std::span<const Forecast> forecasts);

}  // namespace phantom::assess
