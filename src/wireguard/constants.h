#pragma once

// The protocol's numbers (WireGuard paper 6.1) and the bounds of this implementation.

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/clock.h"

namespace phantom::wireguard {

using namespace std::chrono_literals;

inline constexpr std::uint64_t kRekeyAfterMessages = std::uint64_t{1} << 60U;
inline constexpr std::uint64_t kRejectAfterMessages = UINT64_MAX - (std::uint64_t{1} << 13U);
inline constexpr Duration kRekeyAfterTime = 120s;
inline constexpr Duration kRejectAfterTime = 180s;
inline constexpr Duration kRekeyAttemptTime = 90s;
inline constexpr Duration kRekeyTimeout = 5s;
inline constexpr Duration kRekeyTimeoutJitterMax = 333ms;
inline constexpr Duration kKeepaliveTimeout = 10s;
// Receive side: the initiator renews once when its session is this old.
inline constexpr Duration kRekeyAfterTimeReceiving =
    kRejectAfterTime - kKeepaliveTimeout - kRekeyTimeout;
inline constexpr Duration kEraseKeysAfterTime = 3 * kRejectAfterTime;
inline constexpr Duration kCookieSecretLifetime = 120s;
inline constexpr Duration kCookieLatency = 5s;
inline constexpr Duration kUnderLoadSticky = 1s;
// A peer's initiations closer together than this are dropped: at most 50 a second.
inline constexpr Duration kInitiationIntervalMin = Duration(1s) / 50;
static_assert(kInitiationIntervalMin == 20ms);
// Under load and after a valid mac2, one source address may cause this much work.
inline constexpr std::int64_t kHandshakesPerSecondPerAddress = 20;
inline constexpr std::int64_t kHandshakeBurstPerAddress = 5;

inline constexpr std::size_t kReplayWindowBits = 8192;
inline constexpr std::size_t kReplayWindowSize = kReplayWindowBits - 64;

inline constexpr std::size_t kShardCountMax = 64;
inline constexpr std::size_t kPeerCountMax = std::size_t{1} << 16U;
inline constexpr std::size_t kAllowedIpCountMax = std::size_t{1} << 20U;
inline constexpr std::size_t kStagedPacketsMax = 128;
inline constexpr std::size_t kHandshakeQueueSize = 1024;
inline constexpr std::size_t kUnderLoadQueueDepth = kHandshakeQueueSize / 8;
// Initiations one tick() creates before the caller looks at its sockets again: about 5 ms of work.
inline constexpr std::size_t kInitiationsPerTickMax = 64;
// IPv4 header with DSCP AF41 (RFC 2597) on handshake messages, as the kernel does.
inline constexpr std::uint8_t kHandshakeTos = 0x88;
inline constexpr std::size_t kPaddingMultiple = 16;

}  // namespace phantom::wireguard
