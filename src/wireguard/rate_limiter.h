#pragma once

// A token bucket per source address for handshakes under load: kHandshakesPerSecondPerAddress,
// burst kHandshakeBurstPerAddress. Consulted after a valid mac2, so an address is not forged.
//
// A fixed table in sets, allocated at construction. A bucket that had time to fill up again is as
// good as none, so its place may be taken; when a whole set is busy a new address is refused.

#include <array>
#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "wire/address.h"

namespace phantom::wireguard {

class RateLimiter {
  public:
    static constexpr std::size_t kSetCount = 512;
    static constexpr std::size_t kWays = 8;

    // The set of an address depends on a secret, so that nobody can crowd out a chosen address.
    explicit RateLimiter(Random& random);

    [[nodiscard]] bool allow(const wire::Address& address, Instant now);

  private:
    struct Bucket {
        wire::Address address;
        std::int64_t tokens_ns = 0;
        Instant updated;  // zero: free
    };

    [[nodiscard]] std::size_t set_of(const wire::Address& address) const;

    std::array<std::uint8_t, 32> seed_{};
    std::vector<std::array<Bucket, kWays>> sets_;
};

}  // namespace phantom::wireguard
