#pragma once

// How many different things were seen, about: a bit for each hash, and the bits that are still empty tell
// (linear counting; Whang, Vander-Zanden and Taylor, "A linear-time probabilistic counting algorithm",
// 1990). 128 bytes whatever comes; exact to some percent up to a thousand, and never above kDistinctMax.

#include <bitset>
#include <cmath>
#include <cstdint>

namespace phantom::behaviour {

inline constexpr std::size_t kDistinctBits = 1'024;
inline constexpr double kDistinctMax = 7'098;  // m ln m: every bit is set

class Distinct {
  public:
    void add(std::uint64_t hash) { bits_.set(hash % kDistinctBits); }
    void clear() { bits_.reset(); }
    [[nodiscard]] double count() const {
        const auto empty = static_cast<double>(kDistinctBits - bits_.count());
        constexpr auto kAll = static_cast<double>(kDistinctBits);
        return empty == 0 ? kDistinctMax : kAll * std::log(kAll / empty);
    }

  private:
    std::bitset<kDistinctBits> bits_;
};

}  // namespace phantom::behaviour
