#pragma once

// A member as others see it: what the root says of the node, and what the node says of itself.

#include "identity/certificate.h"
#include "identity/descriptor.h"
#include "identity/revocation.h"

namespace phantom::identity {

inline constexpr std::size_t kMemberRecordSizeMax =
    1 + 2 + kCertificateSizeMax + 2 + kDescriptorSizeMax;

struct MemberRecord {
    Certificate certificate;
    Descriptor descriptor;

    friend bool operator==(const MemberRecord&, const MemberRecord&) = default;

    // The error says which check failed, the cheap ones first: kRevoked, kWrongMesh, kWrongNode (the
    // certificate is for another node, or other keys), kContradiction (name, address, tags or
    // generation differ), then what Certificate::verify and Descriptor::verify say. Two hybrid
    // verifications: half a millisecond.
    [[nodiscard]] Status verify(
        const crypto::VerifyKey& root, UnixTime now, const RevocationList& revocations
    ) const;

    [[nodiscard]] Result<Bytes> encode() const;
    [[nodiscard]] static Result<MemberRecord> decode(ByteView record);
};

}  // namespace phantom::identity
