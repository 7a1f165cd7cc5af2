#pragma once

// The door for initiations and responses: decides with MACs alone which of them are worth a
// Diffie-Hellman (paper 5.3). Nothing here allocates.

#include <cstdint>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/random.h"
#include "wire/address.h"
#include "wireguard/cookie.h"
#include "wireguard/rate_limiter.h"

namespace phantom::wireguard {

enum class Verdict : std::uint8_t { kAdmit, kBadMac1, kNeedsCookie, kRateLimited };

class Admission {
  public:
    Admission(const crypto::PublicKey& own, Random& random) : checker_(own), limiter_(random) {}

    // A new public key: cookies given out under the old one are void.
    void set_public_key(const crypto::PublicKey& own) { checker_ = CookieChecker(own); }

    [[nodiscard]] Verdict judge(
        ByteView message, const wire::SocketAddress& from, std::size_t queue_depth, Instant now
    );
    [[nodiscard]] CookieChecker& checker() { return checker_; }

  private:
    [[nodiscard]] bool under_load(std::size_t queue_depth, Instant now);

    CookieChecker checker_;
    RateLimiter limiter_;
    Instant under_load_until_;
};

}  // namespace phantom::wireguard
