#pragma once

// When a file that changes often is written: at once for some changes in a row, in the long run no
// more than so many times and bytes a second. What changes meanwhile is written together. A state
// machine without I/O.

#include <algorithm>
#include <chrono>

#include "base/clock.h"

namespace phantom::daemon {

// What a write of a small file costs of the time there is, and how much may be spent in advance.
inline constexpr Duration kWriteCost = std::chrono::seconds(1);
inline constexpr Duration kWriteCredit = std::chrono::seconds(7);
// A large file costs more: so much a second.
inline constexpr std::size_t kWriteBytesPerSecond = 1'048'576;
// What is of use, but not worth a write of its own, waits for another change.
inline constexpr Duration kWriteDelay = std::chrono::seconds(1);

class WriteGate {
  public:
    void changed(Instant now) { wanted_ = std::min(wanted_, now); }
    void changed_a_little(Instant now) { wanted_ = std::min(wanted_, now + kWriteDelay); }
    [[nodiscard]] bool has_changed() const { return wanted_ != kFarFuture; }
    [[nodiscard]] bool due(Instant now) const { return now >= deadline(); }
    [[nodiscard]] Instant deadline() const {
        return has_changed() ? std::max(wanted_, paid_until_ - kWriteCredit) : kFarFuture;
    }

    void written(std::size_t size_bytes, Instant now) {
        wanted_ = kFarFuture;
        pay(std::max(kWriteCost, time_of(size_bytes)), now);
    }
    // A full disk is not tried more often either.
    void failed(Instant now) {
        wanted_ = now + kWriteDelay;
        pay(kWriteCost, now);
    }

  private:
    [[nodiscard]] static Duration time_of(std::size_t size_bytes) {
        return std::chrono::milliseconds(size_bytes * 1000 / kWriteBytesPerSecond);
    }
    void pay(Duration cost, Instant now) { paid_until_ = std::max(paid_until_, now) + cost; }

    Instant wanted_ = kFarFuture;
    Instant paid_until_;
};

}  // namespace phantom::daemon
