#pragma once

// RFC 6479 anti-replay window: 8,192 bits in a ring, 8,128 of them usable.
// Thread: the session's owner shard. Call only after the tag verified.

#include <array>
#include <cstdint>

#include "wireguard/constants.h"

namespace phantom::wireguard {

class ReplayWindow {
  public:
    // False: seen before or older than the window.
    [[nodiscard]] bool accept(std::uint64_t counter);

  private:
    static constexpr std::size_t kWords = kReplayWindowBits / 64;
    std::uint64_t last_ = 0;  // highest accepted counter
    std::array<std::uint64_t, kWords> ring_{};
};

}  // namespace phantom::wireguard
