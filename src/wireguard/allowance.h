#pragma once

// How much of its user's packets a peer may send us in a second, when this node has reason to let it
// send less than it likes. Control frames and handshakes are never counted: whatever is held against a
// peer, the two can still talk about it.
//
// The control thread sets it; the owner shard, which opens all packets of the peer, spends it.

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "base/clock.h"

namespace phantom::wireguard {

inline constexpr std::uint64_t kUnlimited = UINT64_MAX;

class Allowance {
  public:
    // kUnlimited; 0: nothing comes in, and nothing goes out.
    void set(std::uint64_t bytes_per_s) {
        bytes_per_s_.store(bytes_per_s, std::memory_order_relaxed);
    }
    [[nodiscard]] std::uint64_t bytes_per_s() const {
        return bytes_per_s_.load(std::memory_order_relaxed);
    }

    // Any shard.
    [[nodiscard]] bool lets_out() const { return bytes_per_s() != 0; }
    // Owner shard. A bucket of one second's worth, full at first; a packet is taken whole while there is
    // anything in it, so that no packet is too large for any rate.
    [[nodiscard]] bool lets_in(std::size_t size_bytes, Instant now) {
        const std::uint64_t rate = bytes_per_s();
        if (rate == kUnlimited) [[likely]] {
            return true;
        }
        return rate != 0 && spend(static_cast<double>(size_bytes), static_cast<double>(rate), now);
    }

  private:
    bool spend(double size, double rate, Instant now) {
        const double elapsed_s = static_cast<double>(now.ns - filled_.ns) / 1e9;
        left_ = std::min(rate, left_ + std::max(0.0, elapsed_s) * rate);
        filled_ = now;
        if (left_ <= 0) {
            return false;
        }
        left_ -= size;
        return true;
    }

    std::atomic<std::uint64_t> bytes_per_s_{kUnlimited};
    // Owner shard only.
    double left_ = 0;
    Instant filled_;
};

}  // namespace phantom::wireguard
