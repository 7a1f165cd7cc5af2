#pragma once

#include <cstdint>

#include "base/result.h"

namespace phantom::pq {

enum class PqError : std::uint16_t {
    kTooShort,
    kBadVersion,
    kBadMessageType,
    kBadChunk,
    kBadFrameSize,
    kNoSession,
    kUnknownSession,
    kExchangeInFlight,
    kUnknownExchange,
    kStaleExchange,
    kStaleSequence,
    kSimultaneous,
    kTooFrequent,
    kTooManyRepeats,
    kNotAuthentic,
    kBadSalt,
    kBadSnapshot,
};

[[nodiscard]] const ErrorDomain& error_domain(PqError code);

}  // namespace phantom::pq
