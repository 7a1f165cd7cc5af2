#pragma once

// What is normal for somebody: mean and spread of a number per window, the older the less they count.

#include <cmath>
#include <cstdint>

namespace phantom::behaviour {

// Windows with anything in them before there is a normal.
inline constexpr std::uint32_t kWarmUpWindows = 30;
// A window's weight once warm: half of what is known is of the last 14 windows.
inline constexpr double kBaselineWeight = 0.05;

class Baseline {
  public:
    void add(double value) {
        ++windows_;
        const double weight = std::max(kBaselineWeight, 1.0 / windows_);
        const double off = value - mean_;
        mean_ += weight * off;
        variance_ = (1 - weight) * (variance_ + weight * off * off);
    }
    [[nodiscard]] bool is_warm() const { return windows_ >= kWarmUpWindows; }
    [[nodiscard]] double mean() const { return mean_; }
    // How many spreads above the mean; a spread is at least `least`, so that who never varies may a little.
    [[nodiscard]] double spreads_above(double value, double least) const {
        return (value - mean_) / std::max(std::sqrt(variance_), least);
    }

  private:
    std::uint32_t windows_ = 0;
    double mean_ = 0;
    double variance_ = 0;
};

}  // namespace phantom::behaviour
