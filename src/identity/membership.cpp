#include "identity/membership.h"

#include "identity/codec.h"

namespace phantom::identity {

Result<crypto::SecretBytes> encode_state(const Membership& membership) {
    std::array<std::uint8_t, kMembershipRecordMax> buffer;
    wire::RecordWriter writer(buffer);
    write_verify_key(writer, membership.root);
    writer.text(membership.interface);
    writer.u16(membership.listen_port);
    writer.text(membership.endpoint);
    const auto record = writer.finish();
    if (!record) {
        return fail(IdentityError::kTooLarge);
    }
    return crypto::SecretBytes(*record);
}

Result<Membership> decode_membership(ByteView payload) {
    wire::RecordReader reader(payload);
    Membership membership;
    membership.root = read_verify_key(reader);
    membership.interface = reader.text(kInterfaceNameMax);
    membership.listen_port = reader.u16();
    membership.endpoint = reader.text(kEndpointTextMax);
    if (!reader.finish() || membership.interface.empty()) {
        return fail(IdentityError::kStateDamaged);
    }
    return membership;
}

}  // namespace phantom::identity
