#pragma once

// Who is in the mesh, as this node knows it: the newest verified record of each member, and who was
// put out. Nothing enters unverified, and nothing older replaces something newer.
//
// All of it is one hash_tree.h, so that two nodes find out what they hold differently without naming
// everybody: a member stands in it with its sequence, a revoked one with kRevokedSequence.

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "identity/member.h"
#include "mesh/errors.h"
#include "mesh/hash_tree.h"
#include "mesh/messages.h"

namespace phantom::mesh {

inline constexpr std::size_t kMembersMax = 65'536;
// Records remembered as refused, so that they are not asked for again.
inline constexpr std::size_t kRefusedMax = 64;

// How a record is checked before it enters. Whoever simulates thousands of nodes passes one that
// remembers what it has verified, and shares what is equal; the product has no use for another.
class RecordVerifier {
  public:
    RecordVerifier() = default;
    RecordVerifier(const RecordVerifier&) = delete;
    RecordVerifier& operator=(const RecordVerifier&) = delete;
    virtual ~RecordVerifier() = default;

    // What MemberRecord::verify says.
    [[nodiscard]] virtual Result<std::shared_ptr<const identity::MemberRecord>> verify(
        const identity::MemberRecord& member, const crypto::VerifyKey& root, identity::UnixTime now,
        const identity::RevocationList& revocations
    );
    [[nodiscard]] static RecordVerifier& standard();
};

// What is held of one node.
struct Holding {
    identity::NodeId node;
    std::uint64_t sequence = 0;
    std::shared_ptr<const identity::MemberRecord> record;  // null: it was revoked

    [[nodiscard]] const IdBytes& key() const { return node.bytes; }
    void hash_into(crypto::Blake2s& hasher) const;
};

class Directory {
  public:
    explicit Directory(
        crypto::VerifyKey root, RecordVerifier& verifier = RecordVerifier::standard()
    )
        : root_(std::move(root)), verifier_(&verifier) {}

    // True when it is news. What MemberRecord::verify says, kTooMany, or kContradiction for another
    // member's WireGuard key or a sequence that means "revoked". MeshError::kAddressTaken: an older member
    // has its IPv4 address. A younger one that has it is no member from then on.
    [[nodiscard]] Result<bool> add(const identity::MemberRecord& member, identity::UnixTime now);
    // True when it is news; its node is no member from then on.
    [[nodiscard]] Result<bool> revoke(
        const identity::Revocation& revocation, identity::UnixTime now
    );
    // A member whose descriptor has expired, as it was kept: dormant at once. What MemberRecord::verify
    // says at the time of the descriptor, and of the certificate now.
    [[nodiscard]] Status add_dormant(const identity::MemberRecord& member, identity::UnixTime now);
    struct Ended {
        identity::NodeId node;
        crypto::PublicKey key{};
        friend bool operator==(const Ended&, const Ended&) = default;
    };
    struct Expired {
        std::vector<identity::NodeId> dormant;  // their own word is over, not the root's
        std::vector<Ended> gone;                // the root's word is over
    };
    [[nodiscard]] Expired expire(identity::UnixTime now);

    [[nodiscard]] const identity::MemberRecord* find(const identity::NodeId& node) const;
    [[nodiscard]] const identity::MemberRecord* find(const crypto::PublicKey& wireguard_key) const;
    // Null: nobody's.
    [[nodiscard]] const identity::NodeId* owner_of(const crypto::PublicKey& wireguard_key) const;
    [[nodiscard]] const identity::MemberRecord* find_name(std::string_view name) const;
    // As above, of an overlay address.
    [[nodiscard]] const identity::NodeId* owner_of_v4(const wire::Address& address) const;
    // It was refused for its address, or has lost that to an older member: asking for it is in vain.
    [[nodiscard]] bool is_refused(const identity::NodeId& node, std::uint64_t sequence) const;
    // How often that was news.
    [[nodiscard]] std::uint64_t address_conflicts() const { return address_conflicts_; }
    // No members, until they say something new: known for being reached only.
    using Dormant = std::map<identity::NodeId, std::shared_ptr<const identity::MemberRecord>>;
    [[nodiscard]] const Dormant& dormant() const { return dormant_; }
    [[nodiscard]] bool is_dormant(const identity::NodeId& node) const {
        return dormant_.contains(node);
    }
    // Members and dormant ones.
    [[nodiscard]] std::vector<std::shared_ptr<const identity::MemberRecord>> everybody() const;
    // A member, or a dormant one.
    [[nodiscard]] const identity::MemberRecord* find_known(const identity::NodeId& node) const;
    [[nodiscard]] const identity::RevocationList& revocations() const { return revocations_; }
    [[nodiscard]] const crypto::VerifyKey& root() const { return root_; }

    // Members and revoked ones, by id.
    using Tree = HashTree<Holding>;
    [[nodiscard]] const Tree& tree() const { return tree_; }

    // `for (const auto& [node, member] : directory.members())`, by id. A copy keeps what was.
    class Members;
    [[nodiscard]] Members members() const;

    // What is held in a range, the first kSummaryEntriesMax; `full` where these are all.
    [[nodiscard]] Summary summarise(const Prefix& prefix = {}) const;
    [[nodiscard]] Digest digest(const Prefix& prefix) const;

  private:
    struct KeyOwner {
        crypto::PublicKey wireguard{};
        identity::NodeId node;
        [[nodiscard]] const IdBytes& key() const { return wireguard; }
    };

    struct AddressOwner {
        IdBytes hash{};  // of the address
        identity::NodeId node;
        [[nodiscard]] const IdBytes& key() const { return hash; }
    };

    [[nodiscard]] Status check_room(const identity::MemberRecord& member) const;
    [[nodiscard]] Status settle_address(const identity::MemberRecord& member);
    void note_refused(const identity::MemberRecord& member);
    void own_places(const identity::MemberRecord& member);
    void fall_asleep(const identity::NodeId& node);
    void remove(const identity::NodeId& node);

    crypto::VerifyKey root_;
    RecordVerifier* verifier_;
    Tree tree_;
    HashTree<KeyOwner> by_key_;          // of dormant ones too
    HashTree<AddressOwner> by_address_;  // likewise
    std::map<identity::NodeId, std::uint64_t> refused_;
    std::uint64_t address_conflicts_ = 0;
    Dormant dormant_;
    std::size_t member_count_ = 0;
    identity::RevocationList revocations_;
    // Nothing expires earlier.
    identity::UnixTime next_expiry_{UINT64_MAX};
};

class Directory::Members {
  public:
    Members(Tree tree, std::size_t count) : tree_(std::move(tree)), count_(count) {}

    class Iterator {
      public:
        using value_type = std::pair<const identity::NodeId&, const identity::MemberRecord&>;
        using difference_type = std::ptrdiff_t;

        Iterator(const Tree* tree, const Holding* at) : tree_(tree), at_(at) { skip_revoked(); }
        value_type operator*() const { return {at_->node, *at_->record}; }
        Iterator& operator++() {
            at_ = tree_->after(at_->key());
            skip_revoked();
            return *this;
        }
        friend bool operator==(const Iterator&, const Iterator&) = default;

      private:
        void skip_revoked() {
            while (at_ != nullptr && at_->record == nullptr) {
                at_ = tree_->after(at_->key());
            }
        }
        const Tree* tree_;
        const Holding* at_;
    };

    [[nodiscard]] Iterator begin() const { return {&tree_, tree_.first()}; }
    [[nodiscard]] Iterator end() const { return {&tree_, nullptr}; }
    [[nodiscard]] std::size_t size() const { return count_; }
    [[nodiscard]] bool empty() const { return count_ == 0; }
    friend bool operator==(const Members& a, const Members& b);

  private:
    Tree tree_;
    std::size_t count_;
};

inline Directory::Members Directory::members() const {
    return {tree_, member_count_};
}

}  // namespace phantom::mesh
