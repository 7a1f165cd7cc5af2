#include "identity/key_store.h"

#include <system_error>

#include <fmt/format.h>

#include "identity/state_record.h"

namespace phantom::identity {

namespace {

constexpr const char* kNodeKey = "node.key";
constexpr const char* kRootKey = "root.key";
constexpr const char* kMembership = "mesh.db";
constexpr const char* kMembers = "members.db";
constexpr const char* kRevocations = "revocations.db";
constexpr const char* kTokens = "tokens.db";
constexpr const char* kPolicy = "policy.db";
constexpr const char* kIssuedPlaces = "issued.db";
constexpr const char* kRootSplit = "split.db";
constexpr const char* kPeerMemories = "keys.db";

constexpr std::size_t kMembersSizeMax = 4 + kStateMembersMax * (2 + kMemberRecordSizeMax);
constexpr std::size_t kRevocationsSizeMax = 4 + kRevocationsMax * (2 + kRevocationSizeMax);
constexpr std::size_t kTokensSizeMax =
    4 + kStateTokensMax * (std::size_t{4} * 32 + 10 + kTagsRecordMax + UINT8_MAX * kIdSize);
constexpr std::size_t kIssuedPlacesSizeMax = 4 + kIssuedPlacesMax * kIssuedPlaceSizeMax;
constexpr std::size_t kPeerMemoriesSizeMax = 4 + kPeerMemoriesMax * kPeerMemorySizeMax;

// The number behind an error, as a person reads it; empty where it says nothing.
std::string describe_detail(const Error& cause) {
    for (const auto code :
         {IdentityError::kStateDirectory, IdentityError::kStateOpen, IdentityError::kStateRead,
          IdentityError::kStateWrite}) {
        if (cause.is(code) && cause.detail() != 0) {
            const int number = static_cast<int>(cause.detail());
            return fmt::format(" ({})", std::generic_category().message(number));
        }
    }
    if (cause.is(IdentityError::kStateMode)) {
        return fmt::format(" (mode {:04o})", cause.detail());
    }
    if (cause.is(IdentityError::kStateOwner)) {
        return fmt::format(" (user {})", cause.detail());
    }
    return "";
}

std::string advice_for(const Error& cause, const std::filesystem::path& path) {
    if (cause.is(IdentityError::kStateMode)) {
        std::error_code ignored;
        const bool is_directory = std::filesystem::is_directory(path, ignored);
        return fmt::format("Run: chmod {} {}", is_directory ? "700" : "600", path.string());
    }
    if (cause.is(IdentityError::kStateOwner)) {
        return fmt::format(
            "Make sure that nobody tampered with it, then run: chown {} {}", geteuid(),
            path.string()
        );
    }
    if (cause.is(IdentityError::kStateInUse)) {
        return "Stop the other process, or choose another directory with --state-dir.";
    }
    if (cause.is(IdentityError::kStateExists)) {
        return "This machine has an identity already; move the file away to give it another.";
    }
    if (cause.is(IdentityError::kStateMissing)) {
        return "Run phantom init or phantom join first.";
    }
    if (cause.is(IdentityError::kStateDamaged)) {
        return path.extension() == ".key"
                   ? "Restore it from a backup, or move it away and join again."
                   : "Move it away: a new one is made, and members are learned again.";
    }
    if (cause.is(IdentityError::kUnsupportedVersion)) {
        return "Start the version of the program that wrote it.";
    }
    if (cause.is(IdentityError::kStateNotAFile)) {
        return "Move what is there away.";
    }
    return "Check the disk and the access rights of the directory.";
}

}  // namespace

std::string StoreError::message() const {
    return fmt::format(
        "{}: {}{}. {}", path.string(), cause.what(), describe_detail(cause), advice_for(cause, path)
    );
}

StoreResult<KeyStore> KeyStore::open(const std::filesystem::path& directory) {
    auto opened = StateDirectory::open(directory);
    if (!opened) {
        return std::unexpected(StoreError{opened.error(), directory});
    }
    if (const Status erased = opened->finish_erasing(kRootKey); !erased) {
        return std::unexpected(StoreError{erased.error(), opened->path_of(kRootKey)});
    }
    return KeyStore(std::move(*opened));
}

template <class T>
StoreResult<T> KeyStore::load(
    const char* name, std::size_t payload_size_max, Result<T> (*decode)(ByteView)
) const {
    const auto read_and_decode = [&]() -> Result<T> {
        const auto file = PM_TRY(directory_.read(name, kStateFrameSizeMax + payload_size_max));
        return decode(PM_TRY(unframe_state(name, file.view())));
    };
    auto loaded = read_and_decode();
    if (!loaded) {
        return std::unexpected(StoreError{loaded.error(), directory_.path_of(name)});
    }
    return std::move(*loaded);
}

StoreStatus KeyStore::save(const char* name, const Result<crypto::SecretBytes>& payload) {
    const auto write = [&]() -> Status {
        if (!payload) {
            return std::unexpected(payload.error());
        }
        return directory_.write(name, frame_state(name, payload->view()).view());
    };
    const Status written = write();
    if (!written) {
        return std::unexpected(StoreError{written.error(), directory_.path_of(name)});
    }
    return {};
}

StoreStatus KeyStore::save_new(const char* name, const Result<crypto::SecretBytes>& payload) {
    if (directory_.has(name)) {
        return std::unexpected(
            StoreError{Error(IdentityError::kStateExists), directory_.path_of(name)}
        );
    }
    return save(name, payload);
}

bool KeyStore::has_keys() const {
    return directory_.has(kNodeKey);
}

StoreResult<KeyRing> KeyStore::load_keys() const {
    return load(kNodeKey, kKeyRingRecordMax, &decode_key_ring);
}

StoreStatus KeyStore::create_keys(const KeyRing& keys) {
    return save_new(kNodeKey, encode_state(keys));
}

StoreStatus KeyStore::save_keys(const KeyRing& keys) {
    return save(kNodeKey, encode_state(keys));
}

bool KeyStore::has_root_seeds() const {
    return directory_.has(kRootKey);
}

StoreResult<crypto::SigningSeeds> KeyStore::load_root_seeds() const {
    return load(kRootKey, kSigningSeedsRecordSize, &decode_signing_seeds);
}

StoreStatus KeyStore::save_root_seeds(const crypto::SigningSeeds& seeds) {
    return save_new(kRootKey, encode_state(seeds));
}

StoreStatus KeyStore::erase_root_seeds() {
    if (const Status erased = directory_.erase(kRootKey); !erased) {
        return std::unexpected(StoreError{erased.error(), directory_.path_of(kRootKey)});
    }
    return {};
}

StoreResult<std::optional<RootSplit>> KeyStore::load_root_split() const {
    if (!directory_.has(kRootSplit)) {
        return {};
    }
    return load(kRootSplit, kRootSplitRecordSize, &decode_root_split);
}

StoreStatus KeyStore::save_root_split(const RootSplit& split) {
    return save(kRootSplit, encode_state(split));
}

bool KeyStore::has_membership() const {
    return directory_.has(kMembership);
}

StoreResult<Membership> KeyStore::load_membership() const {
    return load(kMembership, kMembershipRecordMax, &decode_membership);
}

StoreStatus KeyStore::save_membership(const Membership& membership) {
    return save(kMembership, encode_state(membership));
}

StoreResult<std::vector<MemberRecord>> KeyStore::load_members() const {
    if (!directory_.has(kMembers)) {
        return {};
    }
    return load(kMembers, kMembersSizeMax, &decode_members);
}

StoreStatus KeyStore::save_members(std::span<const MemberRecord> members) {
    return save(kMembers, encode_state(members));
}

StoreResult<std::vector<Revocation>> KeyStore::load_revocations() const {
    if (!directory_.has(kRevocations)) {
        return {};
    }
    return load(kRevocations, kRevocationsSizeMax, &decode_revocations);
}

StoreStatus KeyStore::save_revocations(std::span<const Revocation> revocations) {
    return save(kRevocations, encode_state(revocations));
}

StoreResult<std::vector<IssuedToken>> KeyStore::load_tokens() const {
    if (!directory_.has(kTokens)) {
        return {};
    }
    return load(kTokens, kTokensSizeMax, &decode_tokens);
}

StoreStatus KeyStore::save_tokens(std::span<const IssuedToken> tokens) {
    return save(kTokens, encode_state(tokens));
}

StoreResult<std::optional<PolicyRecord>> KeyStore::load_policy() const {
    if (!directory_.has(kPolicy)) {
        return {};
    }
    return load(kPolicy, kPolicyRecordSizeMax, &decode_policy);
}

StoreStatus KeyStore::save_policy(const PolicyRecord& policy) {
    return save(kPolicy, encode_state(policy));
}

StoreResult<IssuedPlaces> KeyStore::load_issued_places() const {
    if (!directory_.has(kIssuedPlaces)) {
        return {};
    }
    return load(kIssuedPlaces, kIssuedPlacesSizeMax, &decode_issued_places);
}

StoreStatus KeyStore::save_issued_places(const IssuedPlaces& issued) {
    return save(kIssuedPlaces, encode_state(issued));
}

StoreResult<PeerMemories> KeyStore::load_peer_memories() const {
    if (!directory_.has(kPeerMemories)) {
        return {};
    }
    return load(kPeerMemories, kPeerMemoriesSizeMax, &decode_peer_memories);
}

StoreStatus KeyStore::save_peer_memories(const PeerMemories& memories) {
    return save(kPeerMemories, encode_state(memories));
}

}  // namespace phantom::identity
