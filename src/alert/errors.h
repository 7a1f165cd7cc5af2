#pragma once

#include <cstdint>

#include "base/result.h"

namespace phantom::alert {

enum class AlertError : std::uint16_t {
    // An alert; the detail is the label's or annotation's index, or the size.
    kLabelName,
    kLabelTwice,
    kTooManyLabels,
    kAlertTooLarge,
    kNoLabels,
    kPriority,
    // Its state; the detail is the state that it is in.
    kTransition,
    kUnknownAlert,
    kShed,
    // Silences.
    kTooManySilences,
    kUnknownSilence,
    kSilenceMatchesAll,
    kSilenceOver,
    // A receiver's secret, in a file of its own.
    kSecretFile,
    // A file of the system's, or a rule of POSIX's.
    kTimeZone,
    // A link to acknowledge by.
    kLinkMalformed,
    kLinkForged,
    kLinkExpired,
    kLinkUsed,
    kNothingToAcknowledge,
    // What was kept on the disk.
    kMalformedRecord,
    // On call.
    kUnknownRota,
    kTooManyOverrides,
};

[[nodiscard]] const ErrorDomain& error_domain(AlertError code);

}  // namespace phantom::alert
