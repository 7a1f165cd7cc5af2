#pragma once

// What a node must know of its own mesh before it can judge anything else.

#include <string>

#include "crypto/secret_bytes.h"
#include "crypto/signature.h"
#include "identity/types.h"

namespace phantom::identity {

struct Membership {
    // The mesh's root: its hash is the mesh's id.
    crypto::VerifyKey root;
    // How the node was started last, for the next start to be the same.
    std::string interface;
    std::uint16_t listen_port = 0;
    // HOST:PORT as given, or empty.
    std::string endpoint;
};

inline constexpr std::size_t kInterfaceNameMax = 15;
inline constexpr std::size_t kEndpointTextMax = 300;
inline constexpr std::size_t kMembershipRecordMax =
    2 + crypto::kVerifyKeySizeMax + 2 + kInterfaceNameMax + 2 + 2 + kEndpointTextMax;

[[nodiscard]] Result<crypto::SecretBytes> encode_state(const Membership& membership);
// kStateDamaged.
[[nodiscard]] Result<Membership> decode_membership(ByteView payload);

}  // namespace phantom::identity
