#include "identity/descriptor.h"

#include "identity/labels.h"
#include "identity/signed_record.h"

namespace phantom::identity {

namespace {

constexpr std::uint8_t kDescriptorVersion = 1;

void write_endpoints(wire::RecordWriter& writer, std::span<const wire::SocketAddress> endpoints) {
    writer.u8(static_cast<std::uint8_t>(endpoints.size()));
    for (const wire::SocketAddress& endpoint : endpoints) {
        write_address(writer, endpoint.address);
        writer.u16(endpoint.port);
    }
}

std::vector<wire::SocketAddress> read_endpoints(wire::RecordReader& reader) {
    const std::size_t count = reader.u8();
    if (count > kEndpointsMax) {
        reader.reject();
        return {};
    }
    std::vector<wire::SocketAddress> endpoints;
    for (std::size_t index = 0; index < count && reader.ok(); ++index) {
        wire::SocketAddress endpoint;
        endpoint.address = read_address(reader);
        endpoint.port = reader.u16();
        endpoints.push_back(endpoint);
    }
    return endpoints;
}

// All that is signed.
void write_body(wire::RecordWriter& writer, const Descriptor& descriptor) {
    writer.u8(kDescriptorVersion);
    write_id(writer, descriptor.mesh);
    write_id(writer, descriptor.node);
    writer.bytes(descriptor.keys.wireguard);
    writer.bytes(descriptor.keys.kem);
    write_verify_key(writer, descriptor.keys.verify);
    write_label(writer, descriptor.name);
    write_v4(writer, descriptor.overlay_v4);
    write_endpoints(writer, descriptor.endpoints);
    writer.u32(descriptor.capabilities);
    write_tags(writer, descriptor.tags);
    writer.u64(descriptor.sequence);
    write_time(writer, descriptor.issued);
    write_time(writer, descriptor.expiry);
}

// The lifetime is judged as of its own beginning: whether it is over is for verify() to say.
Status check_fields(const Descriptor& descriptor) {
    if (descriptor.name.empty()) {
        return fail(IdentityError::kBadLabel);
    }
    PM_TRY(check_tags(descriptor.tags));
    if (descriptor.endpoints.size() > kEndpointsMax) {
        return fail(
            IdentityError::kTooMany, static_cast<std::uint32_t>(descriptor.endpoints.size())
        );
    }
    if (!std::ranges::all_of(descriptor.endpoints, is_reachable_form)) {
        return fail(IdentityError::kBadEndpoint);
    }
    if (!descriptor.overlay_v4.is_none() && !is_overlay_v4(descriptor.overlay_v4)) {
        return fail(IdentityError::kBadOverlayAddress);
    }
    return check_lifetime(
        descriptor.issued, descriptor.expiry, kDescriptorLifetimeMaxSeconds, descriptor.issued
    );
}

}  // namespace

Status Descriptor::sign(const crypto::SigningKey& key) {
    PM_TRY(check_fields(*this));
    if (key.verify_key() != keys.verify) {
        return fail(IdentityError::kWrongNode);
    }
    signature = PM_TRY(sign_body<kDescriptorSizeMax>(*this, &write_body, kDescriptorLabel, key));
    return {};
}

Status Descriptor::verify(UnixTime now) const {
    PM_TRY(check_fields(*this));
    PM_TRY(check_lifetime(issued, expiry, kDescriptorLifetimeMaxSeconds, now));
    return verify_body<kDescriptorSizeMax>(*this, &write_body, kDescriptorLabel, keys.verify);
}

Result<Bytes> Descriptor::encode() const {
    return encode_signed<kDescriptorSizeMax>(*this, &write_body);
}

Result<Descriptor> Descriptor::decode(ByteView record) {
    PM_TRY(check_record(record, kDescriptorSizeMax, kDescriptorVersion));
    wire::RecordReader reader(record.subspan(1));
    Descriptor descriptor;
    descriptor.mesh = read_id<MeshId>(reader);
    descriptor.node = read_id<NodeId>(reader);
    descriptor.keys.wireguard = reader.array<32>();
    descriptor.keys.kem = reader.array<kKemPublicKeySize>();
    descriptor.keys.verify = read_verify_key(reader);
    descriptor.name = read_label(reader);
    descriptor.overlay_v4 = read_v4(reader);
    descriptor.endpoints = read_endpoints(reader);
    descriptor.capabilities = reader.u32();
    descriptor.tags = read_tags(reader);
    descriptor.sequence = reader.u64();
    descriptor.issued = read_time(reader);
    descriptor.expiry = read_time(reader);
    descriptor.signature = read_signature(reader);
    if (!reader.finish()) {
        return fail(IdentityError::kMalformed);
    }
    PM_TRY(check_fields(descriptor));
    return descriptor;
}

}  // namespace phantom::identity
