#pragma once

// What a node says of itself, signed by itself: its keys, where it can be reached, what it can do.
// Gossiped as it is; the sequence tells the newer of two. That the node belongs to the mesh is said
// by its certificate (certificate.h); a descriptor alone is also a request to join.
//
// About 6.7 kB with ML-DSA-65 and few endpoints, 5.1 kB with ML-DSA-44. A plain value.

#include "identity/codec.h"
#include "identity/keys.h"
#include "identity/types.h"

namespace phantom::identity {

inline constexpr std::size_t kEndpointsMax = 16;
// A week is what to choose (the descriptor is renewed well before): this only bounds mistakes.
inline constexpr std::uint64_t kDescriptorLifetimeMaxSeconds = 31ULL * 86'400;

// Bits. Unknown ones are kept and mean nothing, so that old nodes can gossip what newer ones say.
enum class Capability : std::uint32_t {
    kRelay = 1U << 0U,
    kExit = 1U << 1U,
    kSubnetRouter = 1U << 2U,
    kIntroducer = 1U << 3U,
};
// The upper half of the capabilities is no set of bits but a number: the TCP port on which the node
// takes datagrams inside TLS (src/carrier), at the addresses of its endpoints; 0 is none.
inline constexpr std::uint32_t kCarrierPortShift = 16;

inline constexpr std::size_t kDescriptorSizeMax =
    1 + std::size_t{2} * kIdSize + 32 + kKemPublicKeySize + kVerifyKeyRecordMax + kLabelRecordMax +
    4 + (1 + kEndpointsMax * (kAddressRecordMax + 2)) + 4 + kTagsRecordMax + std::size_t{3} * 8 +
    kSignatureRecordMax;

// Where in a sequence the generation of the keys stands.
inline constexpr std::uint32_t kGenerationShift = 48;

struct Descriptor {
    MeshId mesh;
    // The hash of the first keys that the node had: these, or ones before them.
    NodeId node;
    NodePublicKeys keys;
    Label name;
    // Of the mesh's range, as the certificate gives it; none in a request to join.
    wire::Address overlay_v4;
    // Where the node believes it can be reached, best first.
    std::vector<wire::SocketAddress> endpoints;
    std::uint32_t capabilities = 0;
    // As the certificate gives them, ascending.
    std::vector<Label> tags;
    // Greater than that of any descriptor the node signed before. The upper 16 bits are the
    // generation of the keys, which the certificate vouches for: so a word under keys of before never
    // passes for a newer one, whatever it says.
    std::uint64_t sequence = 0;
    UnixTime issued;
    UnixTime expiry;
    crypto::Signature signature;

    friend bool operator==(const Descriptor&, const Descriptor&) = default;

    // Follows from the id, so it is not carried: nothing to check.
    [[nodiscard]] wire::Address overlay_v6() const { return overlay_address(mesh, node); }
    [[nodiscard]] std::uint16_t generation() const {
        return static_cast<std::uint16_t>(sequence >> kGenerationShift);
    }
    [[nodiscard]] bool has(Capability capability) const {
        return (capabilities & static_cast<std::uint32_t>(capability)) != 0;
    }
    [[nodiscard]] std::uint16_t carrier_port() const {
        return static_cast<std::uint16_t>(capabilities >> kCarrierPortShift);
    }
    void set_carrier_port(std::uint16_t port) {
        constexpr std::uint32_t kBits = (1U << kCarrierPortShift) - 1;
        capabilities = (capabilities & kBits) | std::uint32_t{port} << kCarrierPortShift;
    }

    // Checks the fields (kBadLabel, kTooMany, kNotCanonical, kBadEndpoint, kBadOverlayAddress,
    // kBadLifetime) and replaces the signature. kWrongNode when `key` is not that of `keys`.
    [[nodiscard]] Status sign(const crypto::SigningKey& key);
    // The fields, the signature by the node's own key, and the time.
    [[nodiscard]] Status verify(UnixTime now) const;

    // kTooLarge for fields that sign() would refuse.
    [[nodiscard]] Result<Bytes> encode() const;
    // Strict: what it accepts, encode() gives back to the byte. Does not verify. kMalformed,
    // kUnsupportedVersion, kTooLarge, or what sign() says of the fields.
    [[nodiscard]] static Result<Descriptor> decode(ByteView record);
};

}  // namespace phantom::identity
