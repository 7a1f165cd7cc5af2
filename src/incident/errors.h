#pragma once

#include <cstdint>

#include "base/result.h"

namespace phantom::incident {

enum class IncidentError : std::uint16_t {
    kNoSuchIncident,
    // The life cycle does not go that way; nothing was changed.
    kNoSuchTransition,
    // What was written down is not an incident.
    kBadRecord,
};

[[nodiscard]] const ErrorDomain& error_domain(IncidentError code);

}  // namespace phantom::incident
