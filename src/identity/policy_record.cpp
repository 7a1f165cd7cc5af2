#include "identity/policy_record.h"

#include "identity/labels.h"
#include "identity/signed_record.h"

namespace phantom::identity {

namespace {

constexpr std::uint8_t kPolicyRecordVersion = 1;

void write_body(wire::RecordWriter& writer, const PolicyRecord& policy) {
    writer.u8(kPolicyRecordVersion);
    write_id(writer, policy.mesh);
    writer.u64(policy.sequence);
    write_time(writer, policy.issued);
    writer.text(policy.text);
}

}  // namespace

Status PolicyRecord::issue(const crypto::SigningKey& root) {
    if (text.size() > kPolicyTextMax) {
        return fail(IdentityError::kTooLarge);
    }
    mesh = mesh_id_of(root.verify_key());
    signature = PM_TRY(sign_body<kPolicyRecordSizeMax>(*this, &write_body, kPolicyLabel, root));
    return {};
}

Status PolicyRecord::verify(const crypto::VerifyKey& root) const {
    if (mesh != mesh_id_of(root)) {
        return fail(IdentityError::kWrongMesh);
    }
    return verify_body<kPolicyRecordSizeMax>(*this, &write_body, kPolicyLabel, root);
}

Result<Bytes> PolicyRecord::encode() const {
    return encode_signed<kPolicyRecordSizeMax>(*this, &write_body);
}

Result<PolicyRecord> PolicyRecord::decode(ByteView record) {
    PM_TRY(check_record(record, kPolicyRecordSizeMax, kPolicyRecordVersion));
    wire::RecordReader reader(record.subspan(1));
    PolicyRecord policy;
    policy.mesh = read_id<MeshId>(reader);
    policy.sequence = reader.u64();
    policy.issued = read_time(reader);
    policy.text = reader.text(kPolicyTextMax);
    policy.signature = read_signature(reader);
    if (!reader.finish()) {
        return fail(IdentityError::kMalformed);
    }
    return policy;
}

}  // namespace phantom::identity
