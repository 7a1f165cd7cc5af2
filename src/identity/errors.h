#pragma once

#include <cstdint>

#include "base/result.h"

namespace phantom::identity {

enum class IdentityError : std::uint16_t {
    // Names and addresses.
    kBadLabel,
    kBadId,
    // Encodings.
    kMalformed,
    kUnsupportedVersion,
    kNotCanonical,
    kTooMany,
    kTooLarge,
    // Which check a signed value failed.
    kBadSignature,
    kWrongMesh,
    kWrongNode,
    kNotYetValid,
    kExpired,
    kBadLifetime,
    kBadGeneration,
    kBadEndpoint,
    kBadOverlayAddress,
    kContradiction,
    kRevoked,
    // Join tokens.
    kNotAToken,
    kTokenAltered,
    kTokenSpent,
    kTokenUnknown,
    // Shares of the root's key.
    kBadSplit,
    kNotAShare,
    kShareDamaged,
    kShareOfOtherSplit,
    kShareRepeated,
    kTooFewShares,
    kSharesDoNotRestore,
    // State files; errno is the detail where there is one.
    kStateDirectory,
    kStateInUse,
    kStateMissing,
    kStateExists,
    kStateOpen,
    kStateRead,
    kStateWrite,
    kStateNotAFile,
    kStateOwner,
    kStateMode,
    kStateDamaged,
};

[[nodiscard]] const ErrorDomain& error_domain(IdentityError code);

}  // namespace phantom::identity
