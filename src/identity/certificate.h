#pragma once

// The root's word that a node belongs to the mesh, under which name, address and tags. Who holds the
// root's key decides who is in; nobody else can.

#include <array>

#include "identity/codec.h"
#include "identity/types.h"

namespace phantom::identity {

// Ten years: what is issued for longer could as well never end.
inline constexpr std::uint64_t kCertificateLifetimeMaxSeconds = 3'653ULL * 86'400;

inline constexpr std::size_t kCertificateSerialSize = 16;
inline constexpr std::size_t kCertificateSizeMax = 1 + std::size_t{2} * kIdSize + kLabelRecordMax +
                                                   4 + kTagsRecordMax + kCertificateSerialSize +
                                                   std::size_t{2} * 8 + kSignatureRecordMax;

struct Certificate {
    MeshId mesh;
    NodeId node;
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

    // Checks the fields (kBadLabel, kTooMany, kNotCanonical, kBadOverlayAddress, kBadLifetime), sets
    // the mesh to the root's, and signs.
    [[nodiscard]] Status issue(const crypto::SigningKey& root);
    // kWrongMesh when `root` is another mesh's, then the time, then the signature.
    [[nodiscard]] Status verify(const crypto::VerifyKey& root, UnixTime now) const;

    [[nodiscard]] Result<Bytes> encode() const;
    // As Descriptor::decode.
    [[nodiscard]] static Result<Certificate> decode(ByteView record);
};

}  // namespace phantom::identity
