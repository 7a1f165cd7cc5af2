#pragma once

// A node's state directory: the one part of this component that does I/O.
//
//   node.key         the node's seeds, and those on either side of a change (key_ring.h)
//   root.key         the mesh root's seeds, where this node holds them      never replaced
//   mesh.db          the mesh's root, and how this node was started
//   members.db       certificates and descriptors known    a cache
//   revocations.db   the root's revocations known
//   policy.db        the root's newest policy known
//   tokens.db        join tokens given out here
//   issued.db        which places the root has given, where this node holds it
//   split.db         how the root's key was last cut into shares, as far as this node knows
//   keys.db          what was agreed with each member; may be lost, then it is agreed anew
//
// Every file is 0600 and whole (state_directory.h). One thread; the directory is locked against
// other processes while the object lives. Calls block for a disk's sync: some milliseconds.

#include <expected>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "identity/issued_places.h"
#include "identity/issued_token.h"
#include "identity/key_ring.h"
#include "identity/member.h"
#include "identity/membership.h"
#include "identity/peer_memory.h"
#include "identity/policy_record.h"
#include "identity/root_share.h"
#include "identity/state_directory.h"

namespace phantom::identity {

// An error with the file it is about, for people: "/var/lib/phantommesh/node.key: open to other
// users (mode 0644). Run: chmod 600 /var/lib/phantommesh/node.key".
struct StoreError {
    Error cause;
    std::filesystem::path path;

    [[nodiscard]] std::string message() const;
};

template <class T>
class [[nodiscard]] StoreResult : public std::expected<T, StoreError> {
  public:
    using std::expected<T, StoreError>::expected;
};
using StoreStatus = StoreResult<void>;

class KeyStore {
  public:
    [[nodiscard]] static StoreResult<KeyStore> open(const std::filesystem::path& directory);

    [[nodiscard]] bool has_keys() const;
    // kStateMissing where there are none yet.
    [[nodiscard]] StoreResult<KeyRing> load_keys() const;
    // kStateExists where there are some: an identity is not replaced by accident.
    StoreStatus create_keys(const KeyRing& keys);
    // Instead of those there are.
    StoreStatus save_keys(const KeyRing& keys);

    [[nodiscard]] bool has_root_seeds() const;
    [[nodiscard]] StoreResult<crypto::SigningSeeds> load_root_seeds() const;
    StoreStatus save_root_seeds(const crypto::SigningSeeds& seeds);
    // So that nobody finds them here any more.
    StoreStatus erase_root_seeds();
    // None where none is known.
    [[nodiscard]] StoreResult<std::optional<RootSplit>> load_root_split() const;
    StoreStatus save_root_split(const RootSplit& split);

    [[nodiscard]] bool has_membership() const;
    [[nodiscard]] StoreResult<Membership> load_membership() const;
    StoreStatus save_membership(const Membership& membership);

    // Lists are empty where there is no file. What they hold is whole, but not verified: clocks have
    // moved, and MemberRecord::verify needs the root's key.
    [[nodiscard]] StoreResult<std::vector<MemberRecord>> load_members() const;
    StoreStatus save_members(std::span<const MemberRecord> members);
    [[nodiscard]] StoreResult<std::vector<Revocation>> load_revocations() const;
    StoreStatus save_revocations(std::span<const Revocation> revocations);
    [[nodiscard]] StoreResult<std::vector<IssuedToken>> load_tokens() const;
    StoreStatus save_tokens(std::span<const IssuedToken> tokens);
    // None where there is no file. An unreadable one is an error: who goes on without it would open
    // what it closed.
    [[nodiscard]] StoreResult<std::optional<PolicyRecord>> load_policy() const;
    StoreStatus save_policy(const PolicyRecord& policy);

    [[nodiscard]] StoreResult<IssuedPlaces> load_issued_places() const;
    StoreStatus save_issued_places(const IssuedPlaces& issued);

    [[nodiscard]] StoreResult<PeerMemories> load_peer_memories() const;
    StoreStatus save_peer_memories(const PeerMemories& memories);

    // For the small files of others beside these.
    [[nodiscard]] StateDirectory& files() { return directory_; }

  private:
    explicit KeyStore(StateDirectory directory) : directory_(std::move(directory)) {}

    template <class T>
    StoreResult<T> load(
        const char* name, std::size_t payload_size_max, Result<T> (*decode)(ByteView)
    ) const;
    StoreStatus save(const char* name, const Result<crypto::SecretBytes>& payload);
    StoreStatus save_new(const char* name, const Result<crypto::SecretBytes>& payload);

    StateDirectory directory_;
};

}  // namespace phantom::identity
