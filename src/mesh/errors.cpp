#include "mesh/errors.h"

namespace phantom::mesh {

namespace {

const char* describe(std::uint16_t code) {
    switch (static_cast<MeshError>(code)) {
        case MeshError::kUnknownMessage:
            return "a message of a kind this version does not know";
        case MeshError::kMalformed:
            return "the message is malformed";
        case MeshError::kNotAMember:
            return "the sender is not a member";
        case MeshError::kBadProof:
            return "the proof that the sender holds the token is wrong";
        case MeshError::kNameTaken:
            return "another member has this name; choose one with --name";
        case MeshError::kNoAddressLeft:
            return "the mesh's IPv4 range is used up";
        case MeshError::kAddressTaken:
            return "an older member has this overlay address; revoke one of the two";
    }
    return "unknown error";
}

constexpr ErrorDomain kDomain{"mesh", describe};

}  // namespace

const ErrorDomain& error_domain(MeshError /*code*/) {
    return kDomain;
}

}  // namespace phantom::mesh
