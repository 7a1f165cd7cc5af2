#pragma once

// Isotonic regression by pooling adjacent violators (Barlow and others 1972): the step function that never falls
// and is nearest to the verdicts.

#include <cstddef>
#include <span>
#include <vector>

namespace phantom::assess {

// A finding's fused log-odds, and what it turned out to be.
struct Verdict {
    double log_odds = 0;  // finite
    bool attack = false;
};

// Neighbours in log-odds that get one value.
struct PooledBlock {
    double first = 0;  // log-odds
    double last = 0;
    std::size_t attacks = 0;
    std::size_t count = 0;

    [[nodiscard]] double rate() const {
        return static_cast<double>(attacks) / static_cast<double>(count);
    }
    // The mean of the posterior that begins with one attack and one benign finding: five of five are not
    // certain.
    [[nodiscard]] double smoothed_rate() const {
        return (static_cast<double>(attacks) + 1) / (static_cast<double>(count) + 2);
    }
};

// `sorted` by log-odds. The blocks' rates rise strictly. Equal log-odds lie in one block.
[[nodiscard]] std::vector<PooledBlock> pool_adjacent_violators(std::span<const Verdict> sorted);

// The same, pooled on until the smoothed rates do not fall either.
[[nodiscard]] std::vector<PooledBlock> pool_smoothed(std::span<const PooledBlock> blocks);

}  // namespace phantom::assess
