#pragma once

// A quantile of numbers that come one by one, in five of them: the P2 algorithm (Jain and Chlamtac, "The P2
// algorithm for dynamic calculation of quantiles and histograms without storing observations", 1985).

#include <algorithm>
#include <array>
#include <cstdint>

namespace phantom::behaviour {

class Quantile {
  public:
    // `part` below it: 0.5 is the median.
    explicit Quantile(double part) : part_(part) {}

    void add(double value) {
        if (count_ < kMarkers) {
            heights_[count_++] = value;
            std::sort(heights_.begin(), heights_.begin() + static_cast<std::ptrdiff_t>(count_));
            return;
        }
        const std::size_t cell = cell_of(value);
        for (std::size_t marker = cell + 1; marker < kMarkers; ++marker) {
            places_[marker] += 1;
        }
        ++count_;
        for (std::size_t marker = 1; marker + 1 < kMarkers; ++marker) {
            adjust(marker);
        }
    }
    [[nodiscard]] std::uint64_t count() const { return count_; }
    // Of fewer than five, the largest.
    [[nodiscard]] double value() const {
        if (count_ == 0) {
            return 0;
        }
        return count_ < kMarkers ? heights_[count_ - 1] : heights_[2];
    }

  private:
    static constexpr std::size_t kMarkers = 5;

    // Between which markers it lies; the outermost go where it does.
    std::size_t cell_of(double value) {
        if (value < heights_[0]) {
            heights_[0] = value;
            return 0;
        }
        if (value >= heights_[4]) {
            heights_[4] = value;
            return 3;
        }
        std::size_t cell = 0;
        while (value >= heights_[cell + 1]) {
            ++cell;
        }
        return cell;
    }

    void adjust(std::size_t marker) {
        const std::array<double, kMarkers> parts{0, part_ / 2, part_, (1 + part_) / 2, 1};
        const double wanted = 1 + static_cast<double>(count_ - 1) * parts[marker];
        const double off = wanted - places_[marker];
        const bool up = off >= 1 && places_[marker + 1] - places_[marker] > 1;
        const bool down = off <= -1 && places_[marker - 1] - places_[marker] < -1;
        if (!up && !down) {
            return;
        }
        const double step = up ? 1 : -1;
        const double bent = parabola(marker, step);
        if (heights_[marker - 1] < bent && bent < heights_[marker + 1]) {
            heights_[marker] = bent;
        } else {
            const std::size_t next = up ? marker + 1 : marker - 1;
            heights_[marker] +=
                step * (heights_[next] - heights_[marker]) / (places_[next] - places_[marker]);
        }
        places_[marker] += step;
    }

    // Their formula (3).
    [[nodiscard]] double parabola(std::size_t at, double step) const {
        const double left = places_[at] - places_[at - 1];
        const double right = places_[at + 1] - places_[at];
        const double slope_right = (heights_[at + 1] - heights_[at]) / right;
        const double slope_left = (heights_[at] - heights_[at - 1]) / left;
        return heights_[at] +
               step / (left + right) * ((left + step) * slope_right + (right - step) * slope_left);
    }

    double part_;
    std::uint64_t count_ = 0;
    std::array<double, kMarkers> heights_{};
    std::array<double, kMarkers> places_{1, 2, 3, 4, 5};
};

}  // namespace phantom::behaviour
