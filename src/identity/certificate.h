#pragma once

// The root's word that a node belongs to the mesh, with which keys, under which name, address and
// tags. Who holds the root's key decides who is in; nobody else can.

#include <array>

#include "identity/codec.h"
#include "identity/types.h"

namespace phantom::identity {

// Ten years: what is issued for longer could as well never end.
inline constexpr std::uint64_t kCertificateLifetimeMaxSeconds = 3'653ULL * 86'400;

inline constexpr std::size_t kCertificateSerialSize = 16;
// The one above would make a sequence that means "revoked".
inline constexpr std::uint16_t kGenerationMax = UINT16_MAX - 1;
inline constexpr std::size_t kCertificateSizeMax =
    1 + std::size_t{3} * kIdSize + 2 + 8 + kLabelRecordMax + 4 + kTagsRecordMax +
    kCertificateSerialSize + std::size_t{2} * 8 + kSignatureRecordMax;

struct Certificate {
    MeshId mesh;
    NodeId node;
    KeysHash keys;
    // How often the node has changed its keys. The root gives no two keys of a node the same one.
    std::uint16_t generation = 0;
    // When it certified these keys first.
    UnixTime keys_since;
    Label name;
    // Of the mesh's range; none where the mesh has no IPv4.
    wire::Address overlay_v4;
    // Ascending (check_tags).
    std::vector<Label> tags;
    // Random: names this certificate in logs and audits.
    std::array<std::uint8_t, kCertificateSerialSize> serial{};
    UnixTime not_before;
    UnixTime expiry;
    crypto::Signature signature;

    friend bool operator==(const Certificate&, const Certificate&) = default;

    // Checks the fields (kBadLabel, kTooMany, kNotCanonical, kBadOverlayAddress, kBadLifetime,
    // kBadGeneration), sets the mesh to the root's, and signs.
    [[nodiscard]] Status issue(const crypto::SigningKey& root);
    // kWrongMesh when `root` is another mesh's, then the time, then the signature.
    [[nodiscard]] Status verify(const crypto::VerifyKey& root, UnixTime now) const;

    [[nodiscard]] Result<Bytes> encode() const;
    // As Descriptor::decode.
    [[nodiscard]] static Result<Certificate> decode(ByteView record);
};

}  // namespace phantom::identity
