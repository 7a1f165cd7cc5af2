#include "scenario/stash.h"

#include <algorithm>

namespace phantom::scenario {

bool Stash::declare(const std::string& name, std::size_t entries_max, std::int64_t ttl_ns) {
    const bool has_room = drawers_.size() < kStashesMax || drawers_.contains(name);
    if (!has_room || entries_max == 0 || entries_max > kStashEntriesMax) {
        return false;
    }
    drawers_.insert_or_assign(
        name, Drawer{.entries_max = entries_max, .ttl_ns = ttl_ns, .entries = {}}
    );
    return true;
}

void Stash::put(std::string_view name, std::string key, std::string value, std::int64_t now_ns) {
    const auto found = drawers_.find(name);
    if (found == drawers_.end()) {
        return;
    }
    Drawer& drawer = found->second;
    drawer.entries.remove_if([&](const Entry& each) { return each.key == key; });
    if (drawer.entries.size() == drawer.entries_max) {
        drawer.entries.pop_front();
    }
    drawer.entries.push_back({std::move(key), std::move(value), now_ns + drawer.ttl_ns});
}

std::string Stash::get(std::string_view name, std::string_view key, std::int64_t now_ns) const {
    const auto found = drawers_.find(name);
    if (found == drawers_.end()) {
        return {};
    }
    const auto& entries = found->second.entries;
    const auto entry = std::ranges::find(entries, key, &Entry::key);
    return entry != entries.end() && entry->expires_ns >= now_ns ? entry->value : std::string();
}

}  // namespace phantom::scenario
