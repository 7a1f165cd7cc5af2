#include "scenario/bucket_store.h"

#include <algorithm>

#include "scenario/overflow_builder.h"

namespace phantom::scenario {

namespace {

// A rough measure: what an event keeps of its line, twice, and its maps.
std::size_t bytes_of(const Value& event) {
    constexpr std::size_t kMaps = 4096;
    return kMaps + 2 * text_of(event.get_object().at("Line").get_object().at("Raw")).size();
}

}  // namespace

std::vector<Overflow> BucketStore::pour(Value& event, Stash& stash, Wanted wanted) {
    std::vector<Overflow> said;
    SharedEvent shared;  // made for the first that wants it
    const Scope scope{
        .event = &event, .queue = nullptr, .stash = &stash, .now_ns = event_time(event)
    };
    for (std::size_t index = 0; index < scenarios_.size(); ++index) {
        const BucketConfig& config = scenarios_[index].config;
        const bool is_wanted =
            wanted == Wanted::kAll || config.type == BucketConfig::Type::kTrigger;
        if (is_wanted && config.filter && config.filter->holds(scope)) {
            if (shared == nullptr) {
                shared = std::make_shared<const Value>(event);
            }
            pour_into(index, shared, scope, said);
        }
    }
    return said;
}

void BucketStore::pour_into(
    std::size_t scenario, const SharedEvent& event, const Scope& scope, std::vector<Overflow>& said
) {
    const BucketConfig& config = scenarios_[scenario].config;
    Key key{.scenario = scenario, .group = {}};
    if (config.group_by) {
        const auto group = config.group_by->evaluate(scope);
        const auto text = group ? written(*group) : std::nullopt;
        if (!text) {
            return;
        }
        key.group = text->substr(0, kGroupSizeMax);
    }
    const auto slot = slot_for(key, scope.now_ns, said);
    switch (slot->second.bucket.pour(event, scope)) {
        case Bucket::Poured::kDropped:
            return;
        case Bucket::Poured::kCanceled:
            remove(slot);
            return;
        case Bucket::Poured::kOverflows:
            speak(key, slot->second.bucket, scope.now_ns, said);
            remove(slot);
            return;
        case Bucket::Poured::kKept:
            break;
    }
    const std::size_t bytes = bytes_of(*event);
    slot->second.bytes += bytes;
    bytes_ += bytes;
    ages_.splice(ages_.end(), ages_, slot->second.age);
    make_room();
}

BucketStore::Slots::iterator BucketStore::slot_for(
    const Key& key, std::int64_t now_ns, std::vector<Overflow>& said
) {
    const auto known = slots_.find(key);
    if (known != slots_.end()) {
        if (!known->second.bucket.is_over(now_ns)) {
            return known;
        }
        const BucketConfig& config = scenarios_[key.scenario].config;
        if (config.type == BucketConfig::Type::kCounter) {
            const Bucket& bucket = known->second.bucket;
            speak(key, bucket, bucket.first_ns() + config.duration_ns, said);
        }
        remove(known);
    }
    ages_.push_back(key);
    return slots_
        .emplace(
            key,
            Slot{.bucket = Bucket(scenarios_[key.scenario].config), .age = std::prev(ages_.end())}
        )
        .first;
}

void BucketStore::remove(Slots::iterator slot) {
    bytes_ -= slot->second.bytes;
    ages_.erase(slot->second.age);
    slots_.erase(slot);
}

void BucketStore::make_room() {
    while (slots_.size() > 1 && (slots_.size() > kBucketsMax || bytes_ > kBucketsBytesMax)) {
        remove(slots_.find(ages_.front()));
        ++let_go_;
    }
}

bool BucketStore::is_silent(Scenario& scenario, const std::string& group, std::int64_t now_ns)
    const {
    auto& silent = scenario.silent_until_ns;
    const auto found = silent.find(group);
    if (found != silent.end() && found->second > now_ns) {
        return true;
    }
    if (silent.size() >= kBlackholesMax) {
        std::erase_if(silent, [now_ns](const auto& each) { return each.second <= now_ns; });
    }
    if (silent.size() < kBlackholesMax) {
        silent[group] = now_ns + scenario.config.blackhole_ns;
    }
    return false;
}

void BucketStore::speak(
    const Key& key, const Bucket& bucket, std::int64_t now_ns, std::vector<Overflow>& said
) {
    Scenario& scenario = scenarios_[key.scenario];
    if (scenario.config.overflow_filter) {
        const Value queue = bucket.queue();
        Value newest = *bucket.events().back();
        if (!scenario.config.overflow_filter->holds({.event = &newest, .queue = &queue})) {
            return;
        }
    }
    if (scenario.config.blackhole_ns != 0 && is_silent(scenario, key.group, now_ns)) {
        return;
    }
    if (auto overflow = build_overflow(scenario.config, bucket, now_ns)) {
        overflow->is_reprocessed = scenario.config.is_reprocessed;
        said.push_back(*std::move(overflow));
    }
}

std::vector<Overflow> BucketStore::end() {
    std::vector<Overflow> said;
    for (const auto& [key, slot] : slots_) {
        const BucketConfig& config = scenarios_[key.scenario].config;
        if (config.type == BucketConfig::Type::kCounter) {
            speak(key, slot.bucket, slot.bucket.last_ns(), said);
        }
    }
    slots_.clear();
    ages_.clear();
    bytes_ = 0;
    return said;
}

}  // namespace phantom::scenario
