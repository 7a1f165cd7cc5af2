#include "identity/member.h"

#include <utility>

namespace phantom::identity {

namespace {

constexpr std::uint8_t kMemberRecordVersion = 1;

}  // namespace

Status MemberRecord::verify(
    const crypto::VerifyKey& root, UnixTime now, const RevocationList& revocations
) const {
    if (revocations.contains(certificate.node)) {
        return fail(IdentityError::kRevoked);
    }
    if (descriptor.mesh != certificate.mesh) {
        return fail(IdentityError::kWrongMesh);
    }
    // Which keys are the node's is for the root to say: of a node's later keys nothing else does.
    if (descriptor.node != certificate.node || descriptor.keys.hash() != certificate.keys) {
        return fail(IdentityError::kWrongNode);
    }
    if (descriptor.generation() != certificate.generation || descriptor.name != certificate.name ||
        descriptor.tags != certificate.tags || descriptor.overlay_v4 != certificate.overlay_v4) {
        return fail(IdentityError::kContradiction);
    }
    PM_TRY(certificate.verify(root, now));
    return descriptor.verify(now);
}

Result<Bytes> MemberRecord::encode() const {
    Bytes buffer(kMemberRecordSizeMax);
    wire::RecordWriter writer(buffer);
    writer.u8(kMemberRecordVersion);
    writer.sized_bytes(PM_TRY(certificate.encode()));
    writer.sized_bytes(PM_TRY(descriptor.encode()));
    PM_TRY(writer.finish());
    buffer.resize(writer.written().size());
    return buffer;
}

Result<MemberRecord> MemberRecord::decode(ByteView record) {
    PM_TRY(check_record(record, kMemberRecordSizeMax, kMemberRecordVersion));
    wire::RecordReader reader(record.subspan(1));
    const ByteView certificate = reader.sized_bytes(kCertificateSizeMax);
    const ByteView descriptor = reader.sized_bytes(kDescriptorSizeMax);
    if (!reader.finish()) {
        return fail(IdentityError::kMalformed);
    }
    // One after the other: what PM_TRY leaves by would not destroy the half of an aggregate that is made.
    auto certified = PM_TRY(Certificate::decode(certificate));
    auto described = PM_TRY(Descriptor::decode(descriptor));
    return MemberRecord{std::move(certified), std::move(described)};
}

}  // namespace phantom::identity
