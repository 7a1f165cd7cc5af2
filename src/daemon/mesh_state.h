#pragma once

// What a mesh node is, loaded from its state directory or made there: its keys, its mesh, its place
// in it. Errors are sentences for the person at the terminal.

#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "daemon/root_hold.h"
#include "daemon/run_options.h"
#include "identity/key_store.h"
#include "mesh/messages.h"

namespace phantom::daemon {

template <class T>
using OrSentence = std::expected<T, std::string>;

struct MeshState {
    identity::KeyStore store;
    identity::KeyRing ring;
    std::unique_ptr<const identity::NodeKeys> keys;       // of the ring
    std::unique_ptr<const identity::NodeKeys> next_keys;  // while they are asked for
    identity::Membership membership;
    identity::MemberRecord self;
    RootHold root;
    std::optional<identity::RootSplit> split;  // the last one that is known
    std::vector<identity::MemberRecord> members;
    std::vector<identity::Revocation> revocations;
    std::vector<identity::IssuedToken> tokens;
    std::optional<identity::PolicyRecord> policy;
    identity::PeerMemories memories;
    identity::IssuedPlaces issued;  // on the node that holds the root
};

// Two years: a mesh whose administrator is gone for good goes with them, but not soon.
inline constexpr std::uint64_t kCertificateLifetimeS = 730ULL * 86'400;

[[nodiscard]] std::unique_ptr<const identity::NodeKeys> make_keys(const identity::NodeSeeds& seeds);
// The --name, or the host's name made into a label.
[[nodiscard]] OrSentence<identity::Label> choose_name(const std::string& wanted);

// A state directory that belongs to no mesh yet, with this node's keys (made where missing).
struct FreshState {
    identity::KeyStore store;
    identity::KeyRing ring;
    std::unique_ptr<const identity::NodeKeys> keys;
};
[[nodiscard]] OrSentence<FreshState> open_fresh(const RunOptions& options, Random& random);

// `phantom init`: a new root, and this node as its first member.
[[nodiscard]] OrSentence<MeshState> make_mesh(const RunOptions& options, Random& random);
// `phantom join`: what the introducer granted.
[[nodiscard]] OrSentence<MeshState> take_place(
    FreshState fresh, const RunOptions& options, const crypto::VerifyKey& root,
    const identity::MemberRecord& self, const identity::MemberRecord& introducer
);
// `phantom up`.
[[nodiscard]] OrSentence<MeshState> load_state(const RunOptions& options);

// The node's own word, to be signed and sent; `v4` and `tags` as the certificate gives them.
[[nodiscard]] identity::Descriptor first_descriptor(
    const identity::MeshId& mesh, const identity::NodeKeys& keys, const identity::Label& name,
    identity::UnixTime now
);

// An address of 100.64.0.0/10 for `node` that is not `taken`.
[[nodiscard]] wire::Address choose_v4(
    const identity::NodeId& node, const std::function<bool(const wire::Address&)>& taken
);

[[nodiscard]] inline identity::UnixTime unix_now() {
    return identity::UnixTime::of(wall_now());
}

}  // namespace phantom::daemon
