#pragma once

// How many different things were seen, however many: 256 bytes, about 6.5 % off (Flajolet and others,
// "HyperLogLog: the analysis of a near-optimal cardinality estimation algorithm", 2007, figure 3).

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

namespace phantom::behaviour {

class HyperLogLog {
  public:
    void add(std::uint64_t hash) {
        std::uint8_t& place = registers_[hash >> 56U];
        const auto rank = static_cast<std::uint8_t>(std::countl_zero(hash << 8U | 0xffU) + 1);
        place = std::max(place, rank);
    }
    void clear() { registers_.fill(0); }
    [[nodiscard]] double count() const {
        constexpr auto kAll = static_cast<double>(kRegisters);
        constexpr double kAlpha = 0.7213 / (1 + 1.079 / kAll);
        double sum = 0;
        for (const std::uint8_t rank : registers_) {
            sum += std::ldexp(1.0, -rank);
        }
        const double raw = kAlpha * kAll * kAll / sum;
        const auto empty = static_cast<double>(std::ranges::count(registers_, 0));
        // Few: the registers that are still empty tell better.
        return raw <= 2.5 * kAll && empty > 0 ? kAll * std::log(kAll / empty) : raw;
    }

  private:
    static constexpr std::size_t kRegisters = 256;
    std::array<std::uint8_t, kRegisters> registers_{};
};

}  // namespace phantom::behaviour
