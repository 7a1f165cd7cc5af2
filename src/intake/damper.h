#pragma once

// That the same is told at its first time, and then each time it has happened twice as often: nobody who
// floods a log floods what comes of it.

#include <cstdint>
#include <string>
#include <unordered_map>

#include "base/clock.h"

namespace phantom::intake {

// When there are more, all begin anew.
inline constexpr std::size_t kDampedMax = 8'192;
// After so long without it, it is told again.
inline constexpr Duration kDampedFor = std::chrono::minutes(10);

class Damper {
  public:
    // Whether to tell. `what` is who does what.
    [[nodiscard]] bool lets_pass(const std::string& what, Instant now) {
        if (counts_.size() == kDampedMax && !counts_.contains(what)) {
            counts_.clear();
        }
        Count& count = counts_[what];
        if (count.times > 0 && now - count.newest > kDampedFor) {
            count = {};
        }
        count.newest = now;
        if (++count.times < count.next) {
            return false;
        }
        count.next = 2 * count.times;
        return true;
    }

  private:
    struct Count {
        std::uint64_t times = 0;
        std::uint64_t next = 1;
        Instant newest;
    };
    std::unordered_map<std::string, Count> counts_;
};

}  // namespace phantom::intake
