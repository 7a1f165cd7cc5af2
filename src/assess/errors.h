#pragma once

#include <cstdint>

#include "base/result.h"

namespace phantom::assess {

enum class AssessError : std::uint16_t {
    // Verdicts; the detail says which.
    kNotFinite,
    kTooManyVerdicts,
    // Graphs; the detail is the index of the node or edge.
    kTooManyNodes,
    kTooManyEdges,
    kUnknownNode,
    kBadCriticality,
    // Techniques; the detail is the index of the entry, or the technique's number where it is twice there.
    kTooManyTechniques,
    kBadTechnique,
    kUnknownTactic,
    kTechniqueTwice,
};

[[nodiscard]] const ErrorDomain& error_domain(AssessError code);

}  // namespace phantom::assess
