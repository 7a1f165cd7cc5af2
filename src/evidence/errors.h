#pragma once

#include <cstdint>

#include "base/result.h"

namespace phantom::evidence {

enum class EvidenceError : std::uint16_t {
    kFolder,
    kWrite,
    kRead,
    kTooMuch,
    kBadManifest,
};

[[nodiscard]] const ErrorDomain& error_domain(EvidenceError code);

}  // namespace phantom::evidence
