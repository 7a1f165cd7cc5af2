#pragma once

// The root's word on who may reach whom: the policy's text, as people wrote it. What it means is for
// the component policy; here it is bytes. An empty text means that there is no policy.

#include <string>

#include "identity/codec.h"
#include "identity/types.h"

namespace phantom::identity {

inline constexpr std::size_t kPolicyTextMax = 12'000;
inline constexpr std::size_t kPolicyRecordSizeMax =
    1 + kIdSize + std::size_t{2} * 8 + 2 + kPolicyTextMax + kSignatureRecordMax;

struct PolicyRecord {
    MeshId mesh;
    // A greater one replaces a smaller one.
    std::uint64_t sequence = 0;
    UnixTime issued;
    std::string text;
    crypto::Signature signature;

    friend bool operator==(const PolicyRecord&, const PolicyRecord&) = default;

    // Sets the mesh to the root's and signs. kTooLarge.
    [[nodiscard]] Status issue(const crypto::SigningKey& root);
    // kWrongMesh, kBadSignature. It holds until a newer one comes: a policy that expired would open or
    // close every door at once.
    [[nodiscard]] Status verify(const crypto::VerifyKey& root) const;

    [[nodiscard]] Result<Bytes> encode() const;
    [[nodiscard]] static Result<PolicyRecord> decode(ByteView record);
};

}  // namespace phantom::identity
