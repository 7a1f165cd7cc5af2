#pragma once

// How much of the processor the watcher asks for: all that it needs while that is little, so that an attack is
// seen at once on a busy machine too; beyond that the least share there is, so that a flood of what has to be
// looked at costs the tunnel little. No I/O.

#include "base/clock.h"

namespace phantom::daemon {

class WatcherShare {
  public:
    // In each window the first part of it goes at full share: a fifth of a core.
    static constexpr Duration kWindow = std::chrono::milliseconds(100);
    static constexpr Duration kFull = std::chrono::milliseconds(20);

    // `used`: the thread's time on a processor since it began. True: full share.
    [[nodiscard]] bool is_full(Duration used, Instant now);
    // When a lesser share ends.
    [[nodiscard]] Instant end_of_window() const { return began_ + kWindow; }

  private:
    Instant began_;
    Duration used_before_{};
};

}  // namespace phantom::daemon
