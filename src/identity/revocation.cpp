#include "identity/revocation.h"

#include "identity/labels.h"
#include "identity/signed_record.h"

namespace phantom::identity {

namespace {

constexpr std::uint8_t kRevocationVersion = 1;

void write_body(wire::RecordWriter& writer, const Revocation& revocation) {
    writer.u8(kRevocationVersion);
    write_id(writer, revocation.mesh);
    write_id(writer, revocation.node);
    writer.u8(static_cast<std::uint8_t>(revocation.reason));
    write_time(writer, revocation.time);
    write_time(writer, revocation.keep_until);
}

Status check_fields(const Revocation& revocation) {
    if (revocation.keep_until <= revocation.time) {
        return fail(IdentityError::kBadLifetime);
    }
    return {};
}

}  // namespace

Status Revocation::issue(const crypto::SigningKey& root) {
    mesh = mesh_id_of(root.verify_key());
    PM_TRY(check_fields(*this));
    signature = PM_TRY(sign_body<kRevocationSizeMax>(*this, &write_body, kRevocationLabel, root));
    return {};
}

Status Revocation::verify(const crypto::VerifyKey& root, UnixTime now) const {
    if (mesh != mesh_id_of(root)) {
        return fail(IdentityError::kWrongMesh);
    }
    PM_TRY(check_fields(*this));
    if (now >= keep_until) {
        return fail(IdentityError::kExpired);
    }
    return verify_body<kRevocationSizeMax>(*this, &write_body, kRevocationLabel, root);
}

Result<Bytes> Revocation::encode() const {
    return encode_signed<kRevocationSizeMax>(*this, &write_body);
}

Result<Revocation> Revocation::decode(ByteView record) {
    PM_TRY(check_record(record, kRevocationSizeMax, kRevocationVersion));
    wire::RecordReader reader(record.subspan(1));
    Revocation revocation;
    revocation.mesh = read_id<MeshId>(reader);
    revocation.node = read_id<NodeId>(reader);
    revocation.reason = static_cast<RevocationReason>(reader.u8());
    revocation.time = read_time(reader);
    revocation.keep_until = read_time(reader);
    revocation.signature = read_signature(reader);
    if (!reader.finish()) {
        return fail(IdentityError::kMalformed);
    }
    PM_TRY(check_fields(revocation));
    return revocation;
}

Result<bool> RevocationList::add(
    const Revocation& revocation, const crypto::VerifyKey& root, UnixTime now
) {
    const auto known = entries_.find(revocation.node);
    if (known != entries_.end() && known->second.keep_until >= revocation.keep_until) {
        return false;  // nothing new, so the signature is not worth its price
    }
    PM_TRY(revocation.verify(root, now));
    if (known == entries_.end() && entries_.size() >= kRevocationsMax) {
        return fail(IdentityError::kTooMany, kRevocationsMax);
    }
    entries_.insert_or_assign(revocation.node, revocation);
    return true;
}

void RevocationList::prune(UnixTime now) {
    std::erase_if(entries_, [now](const auto& entry) { return now >= entry.second.keep_until; });
}

}  // namespace phantom::identity
