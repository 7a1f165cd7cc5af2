#pragma once

// How much may be sent at somebody's bidding: so much at once, then so much a second (a token bucket).
// What does not fit is not sent: who asks for it asks again, or somebody else.

#include <algorithm>
#include <cstdint>

#include "base/clock.h"

namespace phantom::mesh {

using namespace std::chrono_literals;

class Allowance {
  public:
    // Full to begin with. `per_second` is positive.
    Allowance(std::uint64_t burst_bytes, std::uint64_t per_second)
        : burst_ns_(Duration(1s).count() * static_cast<std::int64_t>(burst_bytes / per_second)),
          bytes_per_second_(per_second) {}

    // True: it is taken off.
    [[nodiscard]] bool take(std::uint64_t bytes, Instant now) {
        const auto cost = Duration(
            static_cast<std::int64_t>(bytes) * Duration(1s).count() /
            static_cast<std::int64_t>(bytes_per_second_)
        );
        const Instant paid_until = std::max(paid_until_, now) + cost;
        if (paid_until - now > Duration(burst_ns_)) {
            return false;
        }
        paid_until_ = paid_until;
        return true;
    }

  private:
    std::int64_t burst_ns_;
    std::uint64_t bytes_per_second_;
    Instant paid_until_;
};

}  // namespace phantom::mesh
