#pragma once

#include <cstdint>

#include "base/result.h"

namespace phantom::mesh {

enum class MeshError : std::uint16_t {
    kUnknownMessage,
    kMalformed,
    kNotAMember,
    kBadProof,
    kNameTaken,
    kNoAddressLeft,
    kAddressTaken,
};

[[nodiscard]] const ErrorDomain& error_domain(MeshError code);

}  // namespace phantom::mesh
