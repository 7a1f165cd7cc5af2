#include "wireguard/allowed_ip_owners.h"

namespace phantom::wireguard {

bool AllowedIpOwners::add(const wire::Prefix& prefix, PeerPath& owner) {
    const auto [at, inserted] = owners_.try_emplace(prefix, Owner{&owner, added_count_});
    if (!inserted) {
        const Owner before = at->second;
        if (before.path == &owner) {
            return false;
        }
        prefixes_[before.path->id].erase(before.added);
        at->second = {&owner, added_count_};
    }
    prefixes_[owner.id].emplace(added_count_, prefix);
    ++added_count_;
    return true;
}

bool AllowedIpOwners::remove(const wire::Prefix& prefix, const PeerPath& owner) {
    const auto at = owners_.find(prefix);
    if (at == owners_.end() || at->second.path != &owner) {
        return false;
    }
    prefixes_[owner.id].erase(at->second.added);
    owners_.erase(at);
    return true;
}

bool AllowedIpOwners::remove_all(const PeerPath& owner) {
    const auto at = prefixes_.find(owner.id);
    if (at == prefixes_.end()) {
        return false;
    }
    const bool changed = !at->second.empty();
    for (const auto& [added, prefix] : at->second) {
        owners_.erase(prefix);
    }
    prefixes_.erase(at);
    return changed;
}

std::vector<AllowedIps::Entry> AllowedIpOwners::entries() const {
    std::vector<AllowedIps::Entry> made;
    made.reserve(owners_.size());
    for (const auto& [prefix, owner] : owners_) {
        made.push_back({prefix, owner.path});
    }
    return made;
}

std::vector<wire::Prefix> AllowedIpOwners::of(const PeerPath& owner) const {
    std::vector<wire::Prefix> made;
    if (const auto at = prefixes_.find(owner.id); at != prefixes_.end()) {
        made.reserve(at->second.size());
        for (const auto& [added, prefix] : at->second) {
            made.push_back(prefix);
        }
    }
    return made;
}

}  // namespace phantom::wireguard
