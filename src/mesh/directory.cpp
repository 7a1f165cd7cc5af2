#include "mesh/directory.h"

#include <algorithm>

namespace phantom::mesh {

// A descriptor proves its signing key only: a WireGuard key stays with whom it came first.
Status Directory::check_room(const identity::MemberRecord& member) const {
    const identity::NodeId node = member.descriptor.node();
    const auto owner = by_key_.find(member.descriptor.keys.wireguard);
    if (owner != by_key_.end() && owner->second != node) {
        return fail(identity::IdentityError::kContradiction);
    }
    if (find_known(node) == nullptr && members_.size() + dormant_.size() >= kMembersMax) {
        return fail(identity::IdentityError::kTooMany);
    }
    return {};
}

Result<bool> Directory::add(const identity::MemberRecord& member, identity::UnixTime now) {
    const identity::NodeId node = member.descriptor.node();
    const identity::MemberRecord* known = find_known(node);
    if (known != nullptr && known->descriptor.sequence >= member.descriptor.sequence) {
        return false;
    }
    PM_TRY(member.verify(root_, now, revocations_));
    PM_TRY(check_room(member));
    remove(node);
    members_.insert_or_assign(node, member);
    by_key_.insert_or_assign(member.descriptor.keys.wireguard, node);
    return true;
}

Status Directory::add_dormant(const identity::MemberRecord& member, identity::UnixTime now) {
    const identity::NodeId node = member.descriptor.node();
    PM_TRY(member.certificate.verify(root_, now));
    PM_TRY(member.verify(root_, member.descriptor.issued, revocations_));
    PM_TRY(check_room(member));
    if (find_known(node) == nullptr) {
        dormant_.emplace(node, member);
        by_key_.insert_or_assign(member.descriptor.keys.wireguard, node);
    }
    return {};
}

Result<bool> Directory::revoke(const identity::Revocation& revocation, identity::UnixTime now) {
    const bool news = PM_TRY(revocations_.add(revocation, root_, now));
    if (news) {
        remove(revocation.node);
    }
    return news;
}

Directory::Expired Directory::expire(identity::UnixTime now) {
    revocations_.prune(now);
    Expired expired;
    for (const auto& [node, member] : dormant_) {
        if (now >= member.certificate.expiry) {
            expired.gone.push_back(node);
        }
    }
    for (const auto& [node, member] : members_) {
        if (now >= member.certificate.expiry) {
            expired.gone.push_back(node);
        } else if (now >= member.descriptor.expiry) {
            expired.dormant.push_back(node);
        }
    }
    for (const identity::NodeId& node : expired.gone) {
        remove(node);
    }
    for (const identity::NodeId& node : expired.dormant) {
        dormant_.insert(members_.extract(node));
    }
    return expired;
}

void Directory::remove(const identity::NodeId& node) {
    if (const identity::MemberRecord* member = find_known(node)) {
        by_key_.erase(member->descriptor.keys.wireguard);
        members_.erase(node);
        dormant_.erase(node);
    }
}

const identity::MemberRecord* Directory::find_known(const identity::NodeId& node) const {
    const auto at = dormant_.find(node);
    return at == dormant_.end() ? find(node) : &at->second;
}

const identity::MemberRecord* Directory::find(const identity::NodeId& node) const {
    const auto at = members_.find(node);
    return at == members_.end() ? nullptr : &at->second;
}

const identity::MemberRecord* Directory::find(const crypto::PublicKey& wireguard_key) const {
    const auto at = by_key_.find(wireguard_key);
    return at == by_key_.end() ? nullptr : find(at->second);
}

const identity::NodeId* Directory::owner_of(const crypto::PublicKey& wireguard_key) const {
    const auto at = by_key_.find(wireguard_key);
    return at == by_key_.end() ? nullptr : &at->second;
}

const identity::MemberRecord* Directory::find_name(std::string_view name) const {
    const auto at = std::ranges::find_if(members_, [&](const auto& each) {
        return each.second.certificate.name.text() == name;
    });
    return at == members_.end() ? nullptr : &at->second;
}

bool Directory::owns_v4(const wire::Address& address) const {
    return std::ranges::any_of(members_, [&](const auto& each) {
        return each.second.certificate.overlay_v4 == address;
    });
}

std::vector<Summary> Directory::summarise() const {
    std::vector<Summary> summaries(1);
    for (const auto& [node, member] : members_) {
        if (summaries.back().entries.size() == kSummaryEntriesMax) {
            summaries.emplace_back();
        }
        summaries.back().entries.push_back({node, member.descriptor.sequence});
    }
    summaries.front().full = summaries.size() == 1;
    return summaries;
}

}  // namespace phantom::mesh
