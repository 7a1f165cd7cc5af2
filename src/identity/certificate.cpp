#include "identity/certificate.h"

#include "identity/labels.h"
#include "identity/signed_record.h"

namespace phantom::identity {

namespace {

constexpr std::uint8_t kCertificateVersion = 1;

void write_body(wire::RecordWriter& writer, const Certificate& certificate) {
    writer.u8(kCertificateVersion);
    write_id(writer, certificate.mesh);
    write_id(writer, certificate.node);
    write_id(writer, certificate.keys);
    writer.u16(certificate.generation);
    write_time(writer, certificate.keys_since);
    write_label(writer, certificate.name);
    write_v4(writer, certificate.overlay_v4);
    write_tags(writer, certificate.tags);
    writer.bytes(certificate.serial);
    write_time(writer, certificate.not_before);
    write_time(writer, certificate.expiry);
}

Status check_fields(const Certificate& certificate) {
    if (certificate.name.empty()) {
        return fail(IdentityError::kBadLabel);
    }
    PM_TRY(check_tags(certificate.tags));
    if (!certificate.overlay_v4.is_none() && !is_overlay_v4(certificate.overlay_v4)) {
        return fail(IdentityError::kBadOverlayAddress);
    }
    if (certificate.generation > kGenerationMax) {
        return fail(IdentityError::kBadGeneration, certificate.generation);
    }
    if (certificate.keys_since > certificate.not_before) {
        return fail(IdentityError::kBadLifetime);
    }
    return check_lifetime(
        certificate.not_before, certificate.expiry, kCertificateLifetimeMaxSeconds,
        certificate.not_before
    );
}

}  // namespace

Status Certificate::issue(const crypto::SigningKey& root) {
    mesh = mesh_id_of(root.verify_key());
    PM_TRY(check_fields(*this));
    signature = PM_TRY(sign_body<kCertificateSizeMax>(*this, &write_body, kCertificateLabel, root));
    return {};
}

Status Certificate::verify(const crypto::VerifyKey& root, UnixTime now) const {
    if (mesh != mesh_id_of(root)) {
        return fail(IdentityError::kWrongMesh);
    }
    PM_TRY(check_fields(*this));
    PM_TRY(check_lifetime(not_before, expiry, kCertificateLifetimeMaxSeconds, now));
    return verify_body<kCertificateSizeMax>(*this, &write_body, kCertificateLabel, root);
}

Result<Bytes> Certificate::encode() const {
    return encode_signed<kCertificateSizeMax>(*this, &write_body);
}

Result<Certificate> Certificate::decode(ByteView record) {
    PM_TRY(check_record(record, kCertificateSizeMax, kCertificateVersion));
    wire::RecordReader reader(record.subspan(1));
    Certificate certificate;
    certificate.mesh = read_id<MeshId>(reader);
    certificate.node = read_id<NodeId>(reader);
    certificate.keys = read_id<KeysHash>(reader);
    certificate.generation = reader.u16();
    certificate.keys_since = read_time(reader);
    certificate.name = read_label(reader);
    certificate.overlay_v4 = read_v4(reader);
    certificate.tags = read_tags(reader);
    certificate.serial = reader.array<kCertificateSerialSize>();
    certificate.not_before = read_time(reader);
    certificate.expiry = read_time(reader);
    certificate.signature = read_signature(reader);
    if (!reader.finish()) {
        return fail(IdentityError::kMalformed);
    }
    PM_TRY(check_fields(certificate));
    return certificate;
}

}  // namespace phantom::identity
