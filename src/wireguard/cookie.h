#pragma once

// mac1, mac2 and cookies (paper 5.4.4, 5.4.7). The checker guards our door with our public key; a
// generator per peer writes what the peer's checker wants to see.

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/random.h"
#include "crypto/noise.h"
#include "wire/address.h"
#include "wire/message.h"

namespace phantom::wireguard {

using Mac = std::array<std::uint8_t, wire::kMacSize>;

// Keys that everybody who knows a public key can make.
struct MacKeys {
    explicit MacKeys(const crypto::PublicKey& receiver);

    crypto::Hash mac1_key;
    crypto::Key cookie_key;
};

// `message` in this file is a whole initiation or response: its last 32 bytes are mac1 and mac2.
class CookieChecker {
  public:
    explicit CookieChecker(const crypto::PublicKey& own) : keys_(own) {}

    [[nodiscard]] bool has_mac1(ByteView message) const;
    // False also when no cookie was given out in the last kCookieSecretLifetime.
    [[nodiscard]] bool has_mac2(ByteView message, const wire::SocketAddress& from, Instant now)
        const;
    // Only for a message with a valid mac1.
    [[nodiscard]] wire::CookieReply make_reply(
        ByteView message, const wire::SocketAddress& from, Instant now, Random& random
    );

  private:
    [[nodiscard]] Mac cookie_for(const wire::SocketAddress& from) const;
    [[nodiscard]] bool secret_is_fresh(Instant now) const;

    MacKeys keys_;
    crypto::Key secret_;
    Instant secret_created_;  // zero: never
};

class CookieGenerator {
  public:
    explicit CookieGenerator(const crypto::PublicKey& remote) : keys_(remote) {}

    void add_macs(MutableBytes message, Instant now);
    // False when nobody asked, or the reply is not authentic. One reply per message sent.
    [[nodiscard]] bool consume(const wire::CookieReply& reply, Instant now);

  private:
    MacKeys keys_;
    Mac last_mac1_{};
    bool waits_for_reply_ = false;
    Mac cookie_{};
    Instant cookie_received_;  // zero: never
};

}  // namespace phantom::wireguard
