#pragma once

// Who is in the mesh, as this node knows it: the newest verified record of each member, and who was
// put out. Nothing enters unverified, and nothing older replaces something newer.

#include <map>
#include <vector>

#include "identity/member.h"
#include "mesh/messages.h"

namespace phantom::mesh {

inline constexpr std::size_t kMembersMax = 65'536;

class Directory {
  public:
    explicit Directory(crypto::VerifyKey root) : root_(std::move(root)) {}

    // True when it is news. What MemberRecord::verify says, kTooMany, or kContradiction for another
    // member's WireGuard key.
    [[nodiscard]] Result<bool> add(const identity::MemberRecord& member, identity::UnixTime now);
    // True when it is news; its node is no member from then on.
    [[nodiscard]] Result<bool> revoke(
        const identity::Revocation& revocation, identity::UnixTime now
    );
    // A member whose descriptor has expired, as it was kept: dormant at once. What MemberRecord::verify
    // says at the time of the descriptor, and of the certificate now.
    [[nodiscard]] Status add_dormant(const identity::MemberRecord& member, identity::UnixTime now);
    struct Expired {
        std::vector<identity::NodeId> dormant;  // their own word is over, not the root's
        std::vector<identity::NodeId> gone;     // the root's word is over
    };
    [[nodiscard]] Expired expire(identity::UnixTime now);

    [[nodiscard]] const identity::MemberRecord* find(const identity::NodeId& node) const;
    [[nodiscard]] const identity::MemberRecord* find(const crypto::PublicKey& wireguard_key) const;
    // Null: nobody's.
    [[nodiscard]] const identity::NodeId* owner_of(const crypto::PublicKey& wireguard_key) const;
    [[nodiscard]] const identity::MemberRecord* find_name(std::string_view name) const;
    [[nodiscard]] bool owns_v4(const wire::Address& address) const;
    [[nodiscard]] const std::map<identity::NodeId, identity::MemberRecord>& members() const {
        return members_;
    }
    // No members, until they say something new: known for being reached only.
    [[nodiscard]] const std::map<identity::NodeId, identity::MemberRecord>& dormant() const {
        return dormant_;
    }
    [[nodiscard]] bool is_dormant(const identity::NodeId& node) const {
        return dormant_.contains(node);
    }
    // A member, or a dormant one.
    [[nodiscard]] const identity::MemberRecord* find_known(const identity::NodeId& node) const;
    [[nodiscard]] const identity::RevocationList& revocations() const { return revocations_; }
    [[nodiscard]] const crypto::VerifyKey& root() const { return root_; }

    // Everything held, in messages of at most kSummaryEntriesMax entries; `full` where one suffices.
    [[nodiscard]] std::vector<Summary> summarise() const;

  private:
    [[nodiscard]] Status check_room(const identity::MemberRecord& member) const;
    void remove(const identity::NodeId& node);

    crypto::VerifyKey root_;
    std::map<identity::NodeId, identity::MemberRecord> members_;
    std::map<identity::NodeId, identity::MemberRecord> dormant_;
    std::map<crypto::PublicKey, identity::NodeId> by_key_;  // of both
    identity::RevocationList revocations_;
};

}  // namespace phantom::mesh
