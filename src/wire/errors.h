#pragma once

#include <cstdint>

#include "base/result.h"

namespace phantom::wire {

enum class WireError : std::uint16_t {
    kTooShort,
    kBadVersion,
    kBadHeaderLength,
    kBadTotalLength,
    kBadMessageType,
    kBadMessageLength,
    kBadOffloadHeader,
    kBadAddress,
    kBadPrefix,
    kBadPort,
    kTooLong,
    kBadRecord,
    kTrailingBytes,
    kBadDnsName,
    kBadDnsMessage,
};

[[nodiscard]] const ErrorDomain& error_domain(WireError code);

}  // namespace phantom::wire
