#include "mesh/directory.h"

#include <algorithm>
#include <iterator>
#include <ranges>
#include <tuple>

namespace phantom::mesh {

Result<std::shared_ptr<const identity::MemberRecord>> RecordVerifier::verify(
    const identity::MemberRecord& member, const crypto::VerifyKey& root, identity::UnixTime now,
    const identity::RevocationList& revocations
) {
    PM_TRY(member.verify(root, now, revocations));
    return std::make_shared<const identity::MemberRecord>(member);
}

RecordVerifier& RecordVerifier::standard() {
    static RecordVerifier verifier;
    return verifier;
}

void Holding::hash_into(crypto::Blake2s& hasher) const {
    hasher.update(node.bytes);
    std::array<std::uint8_t, sizeof sequence> bytes;
    store_be<std::uint64_t>(bytes.data(), sequence);
    hasher.update(bytes);
}

namespace {

IdBytes hash_of_address(const wire::Address& address) {
    IdBytes hash;
    crypto::Blake2s hasher;
    hasher.update(address.bytes);
    hasher.finish(hash);
    return hash;
}

// Everybody must come to the same, whichever of the two they hear of first.
bool is_older(const identity::Certificate& one, const identity::Certificate& other) {
    return std::tie(one.keys_since, one.node) < std::tie(other.keys_since, other.node);
}

}  // namespace

// A descriptor proves its signing key only: a WireGuard key stays with whom it came first.
Status Directory::check_room(const identity::MemberRecord& member) const {
    const identity::NodeId node = member.descriptor.node;
    const identity::NodeId* owner = owner_of(member.descriptor.keys.wireguard);
    const bool is_taken = owner != nullptr && *owner != node;
    if (is_taken || member.descriptor.sequence == kRevokedSequence) {
        return fail(identity::IdentityError::kContradiction);
    }
    if (find_known(node) == nullptr && member_count_ + dormant_.size() >= kMembersMax) {
        return fail(identity::IdentityError::kTooMany);
    }
    return {};
}

Result<bool> Directory::add(const identity::MemberRecord& member, identity::UnixTime now) {
    const identity::NodeId node = member.descriptor.node;
    const identity::MemberRecord* known = find_known(node);
    if (known != nullptr && known->descriptor.sequence >= member.descriptor.sequence) {
        return false;
    }
    auto verified = PM_TRY(verifier_->verify(member, root_, now, revocations_));
    PM_TRY(check_room(member));
    PM_TRY(settle_address(member));
    remove(node);
    ++member_count_;
    next_expiry_ = std::min({next_expiry_, member.certificate.expiry, member.descriptor.expiry});
    tree_.set({node, member.descriptor.sequence, std::move(verified)});
    own_places(member);
    return true;
}

void Directory::own_places(const identity::MemberRecord& member) {
    const identity::NodeId node = member.descriptor.node;
    by_key_.set({member.descriptor.keys.wireguard, node});
    if (!member.certificate.overlay_v4.is_none()) {
        by_address_.set({hash_of_address(member.certificate.overlay_v4), node});
    }
}

// Two holders of the root have given one address to two nodes. The older keeps it, the other is out
// until it has one of its own.
Status Directory::settle_address(const identity::MemberRecord& member) {
    const identity::NodeId* owner = owner_of_v4(member.certificate.overlay_v4);
    if (owner == nullptr || *owner == member.descriptor.node) {
        return {};
    }
    const identity::MemberRecord held = *find_known(*owner);
    if (is_older(held.certificate, member.certificate)) {
        note_refused(member);
        return fail(MeshError::kAddressTaken);
    }
    note_refused(held);
    remove(held.descriptor.node);
    return {};
}

void Directory::note_refused(const identity::MemberRecord& member) {
    const auto known = refused_.find(member.descriptor.node);
    address_conflicts_ += known == refused_.end() ? 1 : 0;
    if (known != refused_.end()) {
        known->second = std::max(known->second, member.descriptor.sequence);
    } else if (refused_.size() < kRefusedMax) {
        refused_.emplace(member.descriptor.node, member.descriptor.sequence);
    }
}

bool Directory::is_refused(const identity::NodeId& node, std::uint64_t sequence) const {
    const auto at = refused_.find(node);
    return at != refused_.end() && at->second >= sequence;
}

Status Directory::add_dormant(const identity::MemberRecord& member, identity::UnixTime now) {
    const identity::NodeId node = member.descriptor.node;
    PM_TRY(member.certificate.verify(root_, now));
    PM_TRY(member.verify(root_, member.descriptor.issued, revocations_));
    PM_TRY(check_room(member));
    if (find_known(node) == nullptr) {
        PM_TRY(settle_address(member));
        dormant_.emplace(node, std::make_shared<const identity::MemberRecord>(member));
        own_places(member);
        next_expiry_ = std::min(next_expiry_, member.certificate.expiry);
    }
    return {};
}

Result<bool> Directory::revoke(const identity::Revocation& revocation, identity::UnixTime now) {
    const bool news = PM_TRY(revocations_.add(revocation, root_, now));
    if (news) {
        remove(revocation.node);
        refused_.clear();  // its address may be free
        tree_.set({revocation.node, kRevokedSequence, nullptr});
        next_expiry_ = std::min(next_expiry_, revocation.keep_until);
    }
    return news;
}

Directory::Expired Directory::expire(identity::UnixTime now) {
    Expired expired;
    if (now < next_expiry_) {
        return expired;
    }
    revocations_.prune(now);
    next_expiry_ = {UINT64_MAX};
    std::vector<identity::NodeId> forgotten;
    for (const Holding* each = tree_.first(); each != nullptr; each = tree_.after(each->key())) {
        if (each->record == nullptr) {
            const auto kept = revocations_.entries().find(each->node);
            if (kept == revocations_.entries().end()) {
                forgotten.push_back(each->node);
            } else {
                next_expiry_ = std::min(next_expiry_, kept->second.keep_until);
            }
            continue;
        }
        const identity::UnixTime own_word = each->record->descriptor.expiry;
        const identity::UnixTime roots_word = each->record->certificate.expiry;
        if (now >= roots_word) {
            expired.gone.push_back({each->node, each->record->descriptor.keys.wireguard});
        } else if (now >= own_word) {
            expired.dormant.push_back(each->node);
        } else {
            next_expiry_ = std::min({next_expiry_, own_word, roots_word});
        }
    }
    for (const identity::NodeId& node : expired.dormant) {
        fall_asleep(node);
    }
    for (const auto& [node, member] : dormant_) {
        if (now >= member->certificate.expiry) {
            expired.gone.push_back({node, member->descriptor.keys.wireguard});
        } else {
            next_expiry_ = std::min(next_expiry_, member->certificate.expiry);
        }
    }
    std::ranges::for_each(expired.gone, [&](const Ended& each) { remove(each.node); });
    if (!expired.gone.empty()) {
        refused_.clear();
    }
    std::ranges::for_each(forgotten, [&](const identity::NodeId& node) {
        tree_.erase(node.bytes);
    });
    return expired;
}

void Directory::fall_asleep(const identity::NodeId& node) {
    dormant_.emplace(node, tree_.find(node.bytes)->record);
    tree_.erase(node.bytes);
    --member_count_;
}

void Directory::remove(const identity::NodeId& node) {
    if (const identity::MemberRecord* member = find_known(node)) {
        by_key_.erase(member->descriptor.keys.wireguard);
        by_address_.erase(hash_of_address(member->certificate.overlay_v4));
        tree_.erase(node.bytes);
        member_count_ -= dormant_.erase(node) == 0 ? 1 : 0;
    }
}

const identity::MemberRecord* Directory::find_known(const identity::NodeId& node) const {
    const auto at = dormant_.find(node);
    return at == dormant_.end() ? find(node) : at->second.get();
}

std::vector<std::shared_ptr<const identity::MemberRecord>> Directory::everybody() const {
    std::vector<std::shared_ptr<const identity::MemberRecord>> found;
    for (const Holding* each = tree_.first(); each != nullptr; each = tree_.after(each->key())) {
        if (each->record != nullptr) {
            found.push_back(each->record);
        }
    }
    std::ranges::copy(dormant_ | std::views::values, std::back_inserter(found));
    return found;
}

const identity::MemberRecord* Directory::find(const identity::NodeId& node) const {
    const Holding* found = tree_.find(node.bytes);
    return found == nullptr ? nullptr : found->record.get();
}

const identity::MemberRecord* Directory::find(const crypto::PublicKey& wireguard_key) const {
    const identity::NodeId* owner = owner_of(wireguard_key);
    return owner == nullptr ? nullptr : find(*owner);
}

const identity::NodeId* Directory::owner_of(const crypto::PublicKey& wireguard_key) const {
    const KeyOwner* found = by_key_.find(wireguard_key);
    return found == nullptr ? nullptr : &found->node;
}

const identity::MemberRecord* Directory::find_name(std::string_view name) const {
    for (const auto& [node, member] : members()) {
        if (member.certificate.name.text() == name) {
            return &member;
        }
    }
    return nullptr;
}

const identity::NodeId* Directory::owner_of_v4(const wire::Address& address) const {
    const AddressOwner* found =
        address.is_none() ? nullptr : by_address_.find(hash_of_address(address));
    return found == nullptr ? nullptr : &found->node;
}

Summary Directory::summarise(const Prefix& prefix) const {
    Summary summary{.full = false, .entries = {}, .prefix = prefix};
    for (const Holding* each : tree_.entries(prefix, kSummaryEntriesMax)) {
        summary.entries.push_back({each->node, each->sequence});
    }
    summary.full = tree_.count(prefix) == summary.entries.size();
    return summary;
}

Digest Directory::digest(const Prefix& prefix) const {
    Digest digest{.prefix = prefix, .children = {}};
    for (std::size_t digit = 0; digit < kDigitValues; ++digit) {
        digest.children[digit] = tree_.hash(prefix.with(digit));
    }
    return digest;
}

bool operator==(const Directory::Members& a, const Directory::Members& b) {
    auto left = a.begin();
    auto right = b.begin();
    while (left != a.end() && right != b.end()) {
        const auto [node, member] = *left;
        const auto [other_node, other_member] = *right;
        if (node != other_node || member != other_member) {
            return false;
        }
        ++left;
        ++right;
    }
    return left == a.end() && right == b.end();
}

}  // namespace phantom::mesh
