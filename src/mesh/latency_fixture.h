#pragma once

// For tests and benchmarks only: how long a message is on its way between two hosts of a simulation.

#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/random.h"

namespace phantom::mesh::scale {

using Index = std::uint32_t;

class Latency {
  public:
    Latency() = default;
    Latency(const Latency&) = delete;
    Latency& operator=(const Latency&) = delete;
    virtual ~Latency() = default;
    // One way, without jitter.
    [[nodiscard]] virtual double ms(Index from, Index to, Instant now) const = 0;
};

// A tenth of a second from corner to corner and a half more; the median is 50 ms.
class SquareLatency final : public Latency {
  public:
    SquareLatency(std::uint64_t seed, Index count) {
        SeededRandom random(seed);
        for (Index index = 0; index < count; ++index) {
            const double x = static_cast<double>(random.below(1'000));
            const double y = static_cast<double>(random.below(1'000));
            places_.emplace_back(kSideMs * x / 1'000, kSideMs * y / 1'000);
        }
    }
    [[nodiscard]] double ms(Index from, Index to, Instant /*now*/) const override {
        const auto& [ax, ay] = places_[from];
        const auto& [bx, by] = places_[to];
        return 1 + std::hypot(ax - bx, ay - by);
    }

  private:
    static constexpr double kSideMs = 100;
    std::vector<std::pair<double, double>> places_;
};

}  // namespace phantom::mesh::scale
