#pragma once

// Mean, spread, smallest and largest of numbers that come one by one (Welford, "Note on a method for
// calculating corrected sums of squares and products", 1962): no number is kept.

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace phantom::ml {

class Running {
  public:
    void add(double value) {
        ++count_;
        const double off = value - mean_;
        mean_ += off / static_cast<double>(count_);
        squares_ += off * (value - mean_);
        min_ = count_ == 1 ? value : std::min(min_, value);
        max_ = count_ == 1 ? value : std::max(max_, value);
    }
    [[nodiscard]] std::uint64_t count() const { return count_; }
    [[nodiscard]] double mean() const { return mean_; }
    // Of all there were, not of a sample of them.
    [[nodiscard]] double deviation() const {
        return count_ == 0 ? 0 : std::sqrt(std::max(squares_, 0.0) / static_cast<double>(count_));
    }
    [[nodiscard]] double min() const { return min_; }
    [[nodiscard]] double max() const { return max_; }

  private:
    std::uint64_t count_ = 0;
    double mean_ = 0;
    double squares_ = 0;
    double min_ = 0;
    double max_ = 0;
};

}  // namespace phantom::ml
