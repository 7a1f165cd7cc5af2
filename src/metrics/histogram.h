#pragma once

// How long something took, in buckets with fixed bounds. One thread observes, any reads: relaxed, each bucket by itself
// exact. Nothing is allocated.
//
//     Histogram reads(kStageBounds);
//     reads.observe(monotonic_now() - began);

#include <algorithm>
#include <array>
#include <atomic>
#include <span>

#include "base/assert.h"
#include "base/clock.h"

namespace phantom::metrics {

inline constexpr std::size_t kBoundsMax = 20;

// Of stages of the response; every budget is a bound, so that what is above it can be counted.
inline constexpr auto kStageBounds = std::to_array<Duration>(
    {std::chrono::microseconds(1), std::chrono::microseconds(2), std::chrono::microseconds(5),
     std::chrono::microseconds(10), std::chrono::microseconds(25), std::chrono::microseconds(50),
     std::chrono::microseconds(100), std::chrono::microseconds(250), std::chrono::microseconds(500),
     std::chrono::milliseconds(1), std::chrono::milliseconds(2), std::chrono::milliseconds(5),
     std::chrono::milliseconds(10), std::chrono::milliseconds(25), std::chrono::milliseconds(50),
     std::chrono::milliseconds(100), std::chrono::milliseconds(500), std::chrono::seconds(1)}
);
// Of requests.
inline constexpr auto kRequestBounds = std::to_array<Duration>(
    {std::chrono::microseconds(25), std::chrono::microseconds(100), std::chrono::microseconds(250),
     std::chrono::microseconds(500), std::chrono::milliseconds(1), std::chrono::microseconds(2'500),
     std::chrono::milliseconds(5), std::chrono::milliseconds(10), std::chrono::milliseconds(25),
     std::chrono::milliseconds(50), std::chrono::milliseconds(100), std::chrono::milliseconds(250),
     std::chrono::seconds(1), std::chrono::seconds(5)}
);

class Histogram {
  public:
    // `bounds` rise, are kBoundsMax at most, and outlive it.
    explicit Histogram(std::span<const Duration> bounds = kStageBounds) : bounds_(bounds) {
        PM_ASSERT(bounds.size() <= kBoundsMax);
        PM_ASSERT(std::ranges::is_sorted(bounds));
    }

    void observe(Duration took) {
        const Duration at_least_none = std::max(took, Duration::zero());
        const auto bucket = std::ranges::lower_bound(bounds_, at_least_none) - bounds_.begin();
        add(counts_[static_cast<std::size_t>(bucket)], 1);
        add(sum_ns_, static_cast<std::uint64_t>(at_least_none.count()));
    }

    struct Snapshot {
        std::span<const Duration> bounds;
        // Of each bucket alone; the last is of what is above all bounds.
        std::array<std::uint64_t, kBoundsMax + 1> counts{};
        std::uint64_t count = 0;
        Duration sum{};
    };
    [[nodiscard]] Snapshot snapshot() const {
        Snapshot out{.bounds = bounds_, .counts = {}, .count = 0, .sum = {}};
        for (std::size_t at = 0; at <= bounds_.size(); ++at) {
            out.counts[at] = counts_[at].load(std::memory_order_relaxed);
            out.count += out.counts[at];
        }
        out.sum = Duration(sum_ns_.load(std::memory_order_relaxed));
        return out;
    }

  private:
    static void add(std::atomic<std::uint64_t>& to, std::uint64_t what) {
        to.store(to.load(std::memory_order_relaxed) + what, std::memory_order_relaxed);
    }

    std::span<const Duration> bounds_;
    std::array<std::atomic<std::uint64_t>, kBoundsMax + 1> counts_{};
    std::atomic<std::uint64_t> sum_ns_{0};
};

}  // namespace phantom::metrics
