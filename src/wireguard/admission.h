#pragma once

// The door for initiations and responses: decides with MACs alone which of them are worth a
// Diffie-Hellman (paper 5.3). Nothing here allocates.

#include <cstdint>
#include <optional>

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

    // None: only the one above is answered.
    void set_previous_public_key(const std::optional<crypto::PublicKey>& previous) {
        previous_.reset();
        if (previous) {
            previous_.emplace(*previous);
        }
    }
    // Whether the message was made for the public key before.
    [[nodiscard]] bool is_for_previous(ByteView message) const {
        return previous_ && !checker_.has_mac1(message) && previous_->has_mac1(message);
    }

    [[nodiscard]] Verdict judge(
        ByteView message, const wire::SocketAddress& from, std::size_t queue_depth, Instant now
    );
    // Of the public key that the message was made for.
    [[nodiscard]] CookieChecker& checker_of(ByteView message) {
        return previous_ && is_for_previous(message) ? *previous_ : checker_;
    }

  private:
    [[nodiscard]] bool under_load(std::size_t queue_depth, Instant now);

    CookieChecker checker_;
    std::optional<CookieChecker> previous_;
    RateLimiter limiter_;
    Instant under_load_until_;
};

}  // namespace phantom::wireguard
