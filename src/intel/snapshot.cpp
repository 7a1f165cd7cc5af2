#include "intel/snapshot.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace phantom::intel {

namespace {

constexpr std::string_view kOwnGuard = "this node";
constexpr std::int64_t kNsPerSecond = 1'000'000'000;

bool is_over(const Detail& detail, WallTime now) {
    return detail.until_s != 0 && now.ns / kNsPerSecond >= detail.until_s;
}

// Of no feed.
NetworkTable table_of(std::span<const wire::Prefix> networks, const HashKey& key) {
    std::vector<NetworkTable::Record> records;
    records.reserve(networks.size());
    for (const wire::Prefix& each : networks) {
        records.push_back({each, 0, {}});
    }
    return {std::move(records), key};
}

}  // namespace

double confidence_of(const Hit& hit) {
    const double of_one = hit.feed->about.confidence * hit.detail.confidence / 100;
    return std::min(1 - std::pow(1 - of_one, hit.detail.lists), kConfidenceMax);
}

std::chrono::seconds age_of(const Hit& hit, WallTime now) {
    const std::int64_t since_s = hit.detail.since_s != 0 ? std::int64_t{hit.detail.since_s}
                                                         : hit.feed->published.ns / kNsPerSecond;
    return std::chrono::seconds(std::max<std::int64_t>(now.ns / kNsPerSecond - since_s, 0));
}

void HitList::add(const Hit& hit) {
    const bool is_known =
        std::ranges::any_of(*this, [&](const Hit& each) { return each.feed == hit.feed; });
    if (!is_known && size_ < hits_.size()) {
        hits_[size_++] = hit;
    }
}

void HitList::count() const {
    for (const Hit& hit : *this) {
        hit.feed->hits->fetch_add(1, std::memory_order_relaxed);
    }
}

Snapshot::Snapshot(const HashKey& key)
    : key_(key),
      networks_(key),
      own_networks_(key),
      members_(key),
      guarded_networks_(key),
      texts_(key),
      guarded_texts_(key) {}

std::shared_ptr<const Snapshot> Snapshot::build(
    std::vector<Input> inputs, const Ours& ours, Random& random
) {
    const std::shared_ptr<Snapshot> made(new Snapshot(HashKey(random)));
    std::size_t entries = 0;
    for (Input& input : inputs) {
        FeedInfo info{
            .about = input.version.about,
            .published = input.version.published,
            .hits = std::move(input.hits),
        };
        entries += input.version.content.size();
        if (entries > kEntriesMax) {
            entries -= input.version.content.size();
            info.left_out = true;
            input.version.content = {};
        }
        made->feeds_.push_back(std::move(info));
    }
    made->take_guards(inputs, ours);
    made->take_blocks(inputs);
    std::ranges::sort(made->exploited_);
    return made;
}

void Snapshot::take_guards(std::vector<Input>& inputs, const Ours& ours) {
    own_networks_ = table_of(ours.guarded, key_);
    members_ = table_of(ours.members, key_);
    std::vector<NetworkTable::Record> networks;
    std::vector<TextTable::Record> texts;
    const auto count = static_cast<std::uint16_t>(inputs.size());  // kFeedsMax at most
    for (std::uint16_t feed = 0; feed < count; ++feed) {
        if (feeds_[feed].about.kind != FeedKind::kGuard) {
            continue;
        }
        FeedContent content = std::move(inputs[feed].version.content);
        feeds_[feed].entries = content.size();
        for (const NetworkEntry& each : content.networks) {
            networks.push_back({each.network, feed, each.detail});
        }
        for (TextEntry& each : content.texts) {
            texts.push_back({each.kind, std::move(each.text), feed, each.detail});
        }
    }
    guarded_networks_ = NetworkTable(std::move(networks), key_);
    guarded_texts_ = TextTable(std::move(texts), key_);
}

void Snapshot::take_blocks(std::vector<Input>& inputs) {
    std::vector<NetworkTable::Record> networks;
    std::vector<TextTable::Record> texts;
    const auto is_guarded_text = [this](const TextEntry& entry) {
        bool found = entry.kind == TextKind::kDomain && !guard_of_name(entry.text).empty();
        guarded_texts_.each(entry.kind, entry.text, [&](const TextTable::Record&) {
            found = true;
            return false;
        });
        return found;
    };
    const auto count = static_cast<std::uint16_t>(inputs.size());
    for (std::uint16_t feed = 0; feed < count; ++feed) {
        FeedInfo& info = feeds_[feed];
        if (info.about.kind == FeedKind::kGuard) {
            continue;
        }
        FeedContent content = std::move(inputs[feed].version.content);
        for (const NetworkEntry& each : content.networks) {
            if (is_guarded(each.network)) {
                ++info.guarded;
            } else {
                networks.push_back({each.network, feed, each.detail});
            }
        }
        for (TextEntry& each : content.texts) {
            if (is_guarded_text(each)) {
                ++info.guarded;
            } else {
                texts.push_back({each.kind, std::move(each.text), feed, each.detail});
            }
        }
        std::ranges::copy(content.exploited, std::back_inserter(exploited_));
        info.entries = content.size() - info.guarded;
    }
    networks_ = NetworkTable(std::move(networks), key_);
    texts_ = TextTable(std::move(texts), key_);
}

HitList Snapshot::find(const wire::Address& address, WallTime now) const {
    HitList hits;
    networks_.each(address, [&](const NetworkTable::Record& record) {
        if (!is_over(record.detail, now)) {
            hits.add({&feeds_[record.feed], record.detail});
        }
        return true;
    });
    return hits.empty() || guard_of(address).empty() ? hits : HitList();
}

HitList Snapshot::find_name(std::string_view name, WallTime now) const {
    HitList hits;
    if (name.ends_with('.')) {
        name.remove_suffix(1);
    }
    texts_.each_domain_of(name, [&](const TextTable::Record& record) {
        if (!is_over(record.detail, now)) {
            hits.add({&feeds_[record.feed], record.detail});
        }
        return true;
    });
    return hits.empty() || guard_of_name(name).empty() ? hits : HitList();
}

HitList Snapshot::find_exact(TextKind kind, std::string_view text, WallTime now) const {
    HitList hits;
    texts_.each(kind, text, [&](const TextTable::Record& record) {
        if (!is_over(record.detail, now)) {
            hits.add({&feeds_[record.feed], record.detail});
        }
        return true;
    });
    return hits;
}

std::string_view Snapshot::guard_of(const wire::Address& address) const {
    const auto first = [&](const NetworkTable& table) {
        std::optional<std::uint16_t> feed;
        table.each(address, [&](const NetworkTable::Record& record) {
            feed = record.feed;
            return false;
        });
        return feed;
    };
    if (first(own_networks_)) {
        return kOwnGuard;
    }
    const auto feed = first(guarded_networks_);
    return !feed || first(members_) ? std::string_view() : feeds_[*feed].about.name;
}

bool Snapshot::is_guarded(const wire::Prefix& network) const {
    return own_networks_.covers(network) ||
           (guarded_networks_.covers(network) && !members_.covers(network));
}

std::string_view Snapshot::guard_of_name(std::string_view name) const {
    std::string_view guard;
    guarded_texts_.each_domain_of(name, [&](const TextTable::Record& record) {
        guard = feeds_[record.feed].about.name;
        return false;
    });
    return guard;
}

bool Snapshot::is_exploited(Cve cve) const {
    return std::ranges::binary_search(exploited_, cve);
}

std::size_t Snapshot::size_bytes() const {
    return networks_.size_bytes() + own_networks_.size_bytes() + members_.size_bytes() +
           guarded_networks_.size_bytes() + texts_.size_bytes() + guarded_texts_.size_bytes() +
           exploited_.size() * sizeof(Cve);
}

}  // namespace phantom::intel
