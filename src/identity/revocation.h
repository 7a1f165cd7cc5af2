#pragma once

// The root's word that a node is out, whatever its certificate says. Gossiped before anything else,
// and kept until no certificate of that node can be valid any more.

#include <map>

#include "identity/codec.h"
#include "identity/types.h"

namespace phantom::identity {

// Why, for people. Any other number is honoured as well: an old node must not overlook a revocation
// because it cannot read the reason.
enum class RevocationReason : std::uint8_t {
    kUnspecified = 0,
    kRetired = 1,
    kLost = 2,
    kCompromised = 3,
};

inline constexpr std::size_t kRevocationSizeMax =
    1 + std::size_t{2} * kIdSize + 1 + std::size_t{2} * 8 + kSignatureRecordMax;

struct Revocation {
    MeshId mesh;
    NodeId node;
    RevocationReason reason = RevocationReason::kUnspecified;
    UnixTime time;
    // Not before the expiry of the node's last certificate.
    UnixTime keep_until;
    crypto::Signature signature;

    friend bool operator==(const Revocation&, const Revocation&) = default;

    // Sets the mesh to the root's and signs. kBadLifetime.
    [[nodiscard]] Status issue(const crypto::SigningKey& root);
    // kWrongMesh, kExpired from keep_until on, kBadSignature. One dated in the future holds already.
    [[nodiscard]] Status verify(const crypto::VerifyKey& root, UnixTime now) const;

    [[nodiscard]] Result<Bytes> encode() const;
    [[nodiscard]] static Result<Revocation> decode(ByteView record);
};

// About 28 MB at most. Only the root can fill it.
inline constexpr std::size_t kRevocationsMax = 8'192;

// The revocations of one mesh, each of them verified.
class RevocationList {
  public:
    using Entries = std::map<NodeId, Revocation>;

    // True when the list has changed: of two for one node, that which is kept longer stays. What
    // Revocation::verify says, or kTooMany.
    [[nodiscard]] Result<bool> add(
        const Revocation& revocation, const crypto::VerifyKey& root, UnixTime now
    );
    [[nodiscard]] bool contains(const NodeId& node) const { return entries_.contains(node); }
    [[nodiscard]] const Entries& entries() const { return entries_; }
    // Forgets those whose keep_until has passed.
    void prune(UnixTime now);

  private:
    Entries entries_;
};

}  // namespace phantom::identity
