#pragma once

#include <cstdint>

#include "base/result.h"

namespace phantom::reach {

enum class ReachError : std::uint16_t {
    kMalformed,
    kVersion,
    kRefused,
    kNotOurs,
    kStale,
};

[[nodiscard]] const ErrorDomain& error_domain(ReachError code);

}  // namespace phantom::reach
