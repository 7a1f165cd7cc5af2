#include "scenario/bucket.h"

#include <algorithm>

namespace phantom::scenario {

Bucket::Bucket(const BucketConfig& config)
    : config_(&config),
      events_max_(kBucketEventsMax),
      room_(static_cast<double>(config.capacity.value_or(0))) {
    if (config.capacity) {
        events_max_ = std::min(events_max_, static_cast<std::size_t>(*config.capacity) + 1);
    }
    if (config.cache_size != 0) {
        events_max_ = std::min(events_max_, config.cache_size + 1);
    }
}

// A token bucket: it begins with room for `capacity` events, and gets room for one with each `leak`.
bool Bucket::has_room(std::int64_t now_ns) {
    if (!config_->capacity) {
        return true;
    }
    // Lines may be out of order: then time stands still.
    const std::int64_t from_ns = count_ == 1 ? now_ns : std::min(room_at_ns_, now_ns);
    const double leaked = config_->leak_ns == 0 ? 0.0
                                                : static_cast<double>(now_ns - from_ns) /
                                                      static_cast<double>(config_->leak_ns);
    const double room = std::min(static_cast<double>(*config_->capacity), room_ + leaked) - 1;
    // Less than a nanosecond's leak is none.
    if (room * static_cast<double>(config_->leak_ns) <= -1 || (room < 0 && config_->leak_ns == 0)) {
        return false;
    }
    room_ = room;
    room_at_ns_ = now_ns;
    return true;
}

Bucket::Poured Bucket::pour(const SharedEvent& event, Scope evaluated) {
    if (config_->distinct) {
        const auto value = config_->distinct->evaluate(evaluated);
        const auto text = value ? written(*value) : std::nullopt;
        if (!text || seen_.contains(*text)) {
            return Poured::kDropped;
        }
        if (seen_.size() < kBucketDistinctMax) {
            seen_.insert(*text);
        }
    }
    if (config_->cancel_on && config_->cancel_on->holds(evaluated)) {
        return Poured::kCanceled;
    }
    const std::int64_t now_ns = event_time(*event);
    ++count_;
    first_ns_ = count_ == 1 ? now_ns : first_ns_;
    last_ns_ = now_ns;
    const bool is_full = !has_room(now_ns);
    if (events_.size() == events_max_) {
        events_.pop_front();
    }
    events_.push_back(event);
    if (is_full) {
        return Poured::kOverflows;
    }
    if (config_->condition) {
        const Value all = queue();
        evaluated.queue = &all;
        return config_->condition->holds(evaluated) ? Poured::kOverflows : Poured::kKept;
    }
    return Poured::kKept;
}

bool Bucket::is_over(std::int64_t now_ns) const {
    if (count_ == 0) {
        return false;
    }
    const bool is_counter = config_->type == BucketConfig::Type::kCounter;
    return now_ns - (is_counter ? first_ns_ : last_ns_) > config_->lifetime_ns();
}

Value Bucket::queue() const {
    boost::json::array all;
    for (const SharedEvent& each : events_) {
        all.push_back(*each);
    }
    return boost::json::object{{"Queue", std::move(all)}};
}

}  // namespace phantom::scenario
