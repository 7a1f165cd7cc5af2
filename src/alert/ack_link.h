#pragma once

// What stands in a message for whoever gets it to say "I am on it": a token that only this node can have made, for a
// while, and that says whom it was made for. Whether it was used before is the caller's to remember.
//
//     base64url( version | group | told at | expires at | size | receiver ) . base64url( HMAC-SHA256 over it )

#include <chrono>
#include <string>
#include <string_view>

#include "alert/alert.h"
#include "base/bytes.h"

namespace phantom::alert {

inline constexpr Duration kAckLinkLifetime = std::chrono::hours(24);
inline constexpr std::size_t kAckLinkSizeMax = 1'024;
inline constexpr std::size_t kAckKeySize = 32;

struct AckLink {
    Fingerprint group{};
    WallTime told_at;  // alerts that the group had by then
    WallTime expires_at;
    std::string receiver;  // whom it was sent to; at most 255 bytes of it
};

[[nodiscard]] std::string write_ack_link(const AckLink& link, ByteView key);
// kLinkMalformed, kLinkForged, kLinkExpired.
[[nodiscard]] Result<AckLink> read_ack_link(std::string_view token, ByteView key, WallTime now);

}  // namespace phantom::alert
