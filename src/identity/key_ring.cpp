#include "identity/key_ring.h"

#include <utility>

#include "base/assert.h"
#include "identity/state_record.h"

namespace phantom::identity {

namespace {

void write_seeds(wire::RecordWriter& writer, const crypto::SigningSeeds& seeds) {
    writer.u8(static_cast<std::uint8_t>(seeds.algorithm));
    writer.bytes(seeds.ed25519.view());
    writer.bytes(seeds.ml_dsa.view());
}

void write_seeds(wire::RecordWriter& writer, const NodeSeeds& seeds) {
    writer.bytes(seeds.wireguard.view());
    writer.bytes(seeds.kem.view());
    write_seeds(writer, seeds.signing);
}

crypto::SigningSeeds read_signing_seeds(wire::RecordReader& reader) {
    crypto::SigningSeeds seeds;
    switch (reader.u8()) {
        case static_cast<std::uint8_t>(crypto::SignatureAlgorithm::kMlDsa65Ed25519):
            seeds.algorithm = crypto::SignatureAlgorithm::kMlDsa65Ed25519;
            break;
        case static_cast<std::uint8_t>(crypto::SignatureAlgorithm::kMlDsa44Ed25519):
            seeds.algorithm = crypto::SignatureAlgorithm::kMlDsa44Ed25519;
            break;
        default:
            reader.reject();
    }
    read_secret(reader, seeds.ed25519);
    read_secret(reader, seeds.ml_dsa);
    return seeds;
}

NodeSeeds read_node_seeds(wire::RecordReader& reader) {
    NodeSeeds seeds;
    read_secret(reader, seeds.wireguard);
    read_secret(reader, seeds.kem);
    seeds.signing = read_signing_seeds(reader);
    return seeds;
}

// Whether the next part is there.
bool read_presence(wire::RecordReader& reader) {
    const std::uint8_t presence = reader.u8();
    if (presence > 1) {
        reader.reject();
    }
    return presence == 1;
}

}  // namespace

KeyRing KeyRing::of(NodeSeeds seeds) {
    return {.current = std::move(seeds), .next = std::nullopt, .previous = std::nullopt};
}

void KeyRing::advance(UnixTime until) {
    PM_ASSERT(next.has_value());
    previous = Previous{.wireguard = current.wireguard, .until = until};
    current = std::move(next).value();
    next.reset();
}

crypto::SecretBytes encode_state(const crypto::SigningSeeds& seeds) {
    crypto::SecretBytes payload(kSigningSeedsRecordSize);
    wire::RecordWriter writer(payload.bytes());
    write_seeds(writer, seeds);
    PM_ASSERT(writer.ok());
    return payload;
}

Result<crypto::SecretBytes> encode_state(const KeyRing& ring) {
    crypto::SecretBytes payload(kKeyRingRecordMax);
    wire::RecordWriter writer(payload.bytes());
    write_seeds(writer, ring.current);
    writer.u8(ring.next ? 1 : 0);
    if (ring.next) {
        write_seeds(writer, *ring.next);
    }
    writer.u8(ring.previous ? 1 : 0);
    if (ring.previous) {
        writer.bytes(ring.previous->wireguard.view());
        write_time(writer, ring.previous->until);
    }
    const std::size_t size = PM_TRY(writer.finish()).size();
    payload.shorten(size);
    return payload;
}

Result<crypto::SigningSeeds> decode_signing_seeds(ByteView payload) {
    wire::RecordReader reader(payload);
    crypto::SigningSeeds seeds = read_signing_seeds(reader);
    if (!reader.finish()) {
        return fail(IdentityError::kStateDamaged);
    }
    return seeds;
}

Result<KeyRing> decode_key_ring(ByteView payload) {
    wire::RecordReader reader(payload);
    KeyRing ring = KeyRing::of(read_node_seeds(reader));
    if (read_presence(reader)) {
        ring.next = read_node_seeds(reader);
    }
    if (read_presence(reader)) {
        KeyRing::Previous& previous = ring.previous.emplace();
        read_secret(reader, previous.wireguard);
        previous.until = read_time(reader);
    }
    if (!reader.finish()) {
        return fail(IdentityError::kStateDamaged);
    }
    return ring;
}

}  // namespace phantom::identity
