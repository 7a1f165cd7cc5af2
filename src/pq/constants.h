#pragma once

// The exchange's numbers and bounds. Sizes on the wire are in messages.h.

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/clock.h"

namespace phantom::pq {

using namespace std::chrono_literals;

// How often the owner calls PqPeer::start(): each WireGuard rekey (every 120 s) finds a fresh key.
inline constexpr Duration kRenewAfterTime = 110s;

// A message without an answer is sent again after 0.5 s, 1 s, 2 s, then every 4 s, 8 times in all.
inline constexpr Duration kRetransmitFirst = 500ms;
inline constexpr Duration kRetransmitMax = 4s;
inline constexpr std::uint32_t kTransmissionsMax = 8;

// What the responder keeps of an exchange that it has answered: longer than the initiator goes on.
inline constexpr Duration kAnswerLifetime = 30s;
static_assert(
    kAnswerLifetime > kRetransmitFirst + 1s + 2s + (kTransmissionsMax - 3) * kRetransmitMax
);
// How often a responder sends one answer again.
inline constexpr std::uint32_t kAnswerRepeatsMax = 32;

// An offer costs its receiver 0.3 ms: more than this are dropped.
inline constexpr Duration kOfferIntervalMin = 100ms;

// A key that nobody responds with any more stays a candidate this long, for a response that is on
// its way: WireGuard's initiator has given its handshake up by then (REKEY_TIMEOUT, 5 s).
inline constexpr Duration kRetiredKeyGrace = 10s;

// No frame is older: WireGuard opens nothing under a session of this age (REJECT_AFTER_TIME).
inline constexpr Duration kFrameAgeMax = 180s;

// After so many responses that nobody took up, every second one falls back to the bootstrap value.
inline constexpr std::uint32_t kUnansweredResponsesMax = 3;

// Exchange ids whose late frames start nothing.
inline constexpr std::size_t kStaleExchangesMax = 8;

}  // namespace phantom::pq
