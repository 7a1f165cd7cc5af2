#include "courier/schedule.h"

#include <algorithm>

#include "base/assert.h"

namespace phantom::courier {

namespace {

WallTime plus(WallTime at, Duration by) {
    return {at.ns + by.count()};
}

}  // namespace

void Schedule::add(Delivery delivery) {
    const std::string key = delivery.key;
    const std::string thread = delivery.thread;
    const auto [entry, is_new] =
        deliveries_.try_emplace(key, Entry{std::move(delivery), next_sequence_});
    if (!is_new) {
        return;
    }
    ++next_sequence_;
    idle_.insert(idle_of(key));
    std::deque<std::string>& queue = threads_[thread];
    queue.push_back(key);
    if (queue.size() == 1) {
        make_head_wait(key);
    }
}

Schedule::Idle Schedule::idle_of(const std::string& key) const {
    const Entry& entry = deliveries_.at(key);
    return {-entry.delivery.priority, entry.sequence, key};
}

std::optional<std::string> Schedule::shed_for(int priority) {
    if (idle_.empty() || -idle_.begin()->negative_priority <= priority) {
        return std::nullopt;
    }
    std::string key = idle_.begin()->key;
    const Entry& entry = deliveries_.at(key);
    waiting_.erase({entry.delivery.next_at, key});
    if (const auto lane = lanes_.find(entry.delivery.lane); lane != lanes_.end()) {
        lane->second.ready.erase(Ready{entry.delivery.priority, entry.sequence, key});
    }
    remove(key);
    return key;
}

void Schedule::make_head_wait(const std::string& key) {
    waiting_.emplace(deliveries_.at(key).delivery.next_at, key);
}

void Schedule::move_due_to_lanes(WallTime now) {
    while (!waiting_.empty() && waiting_.begin()->first <= now) {
        const std::string key = waiting_.begin()->second;
        waiting_.erase(waiting_.begin());
        const Entry& entry = deliveries_.at(key);
        lanes_[entry.delivery.lane].ready.insert(Ready{entry.delivery.priority, entry.sequence, key}
        );
    }
}

std::vector<std::string> Schedule::start_due(WallTime now) {
    move_due_to_lanes(now);
    std::vector<std::string> started;
    for (auto& [name, lane] : lanes_) {
        while (!lane.ready.empty() && lane.free_at <= now &&
               lane.in_flight < limits_.lane_in_flight_max &&
               sending_count_ < limits_.in_flight_max) {
            const std::string key = lane.ready.begin()->key;
            lane.ready.erase(lane.ready.begin());
            lane.free_at = plus(now, deliveries_.at(key).delivery.lane_gap);
            idle_.erase(idle_of(key));
            ++lane.in_flight;
            ++sending_count_;
            started.push_back(key);
        }
    }
    return started;
}

Schedule::Settled Schedule::settle(
    const std::string& key, const Answer& answer, WallTime now, Random& random
) {
    Delivery& delivery = deliveries_.at(key).delivery;
    Lane& lane = lanes_.at(delivery.lane);
    PM_ASSERT(lane.in_flight > 0);
    --lane.in_flight;
    --sending_count_;
    ++delivery.attempts;

    const Verdict verdict = judge(answer);
    const Duration asked_for = std::min(answer.retry_after, limits_.retry_after_max);
    if (asked_for > Duration(0)) {
        // The receiver means all that goes to it.
        lane.free_at = std::max(lane.free_at, plus(now, asked_for));
    }
    const Duration wait = std::max(asked_for, backoff_after(delivery.attempts, random));
    const WallTime next_at = plus(now, wait);
    const bool is_worth_it = delivery.attempts < limits_.attempts_max &&
                             next_at <= plus(delivery.put_at, limits_.age_max);
    if (verdict == Verdict::kRetry && is_worth_it) {
        delivery.next_at = next_at;
        idle_.insert(idle_of(key));
        make_head_wait(key);
        return {Settled::State::kRetry, delivery};
    }
    Settled settled{
        verdict == Verdict::kDelivered ? Settled::State::kDelivered : Settled::State::kDeadLetter,
        delivery
    };
    remove(key);
    return settled;
}

void Schedule::remove(const std::string& key) {
    idle_.erase(idle_of(key));
    const std::string thread = deliveries_.at(key).delivery.thread;
    deliveries_.erase(key);
    std::deque<std::string>& queue = threads_.at(thread);
    const bool was_head = queue.front() == key;
    std::erase(queue, key);
    if (queue.empty()) {
        threads_.erase(thread);
    } else if (was_head) {
        make_head_wait(queue.front());
    }
}

// Doubled each time, and between half and all of that by chance, so that what failed together does not come
// back together.
Duration Schedule::backoff_after(std::uint32_t attempts, Random& random) const {
    constexpr std::uint32_t kDoublingsMax = 20;
    const std::uint32_t doublings = std::min(attempts == 0 ? 0 : attempts - 1, kDoublingsMax);
    const Duration whole =
        std::min(limits_.first_backoff * (std::int64_t{1} << doublings), limits_.backoff_max);
    const auto half = static_cast<std::uint64_t>(whole.count() / 2);
    return Duration(static_cast<std::int64_t>(half + random.below(half + 1)));
}

WallTime Schedule::next_due() const {
    WallTime next = kNever;
    if (!waiting_.empty()) {
        next = waiting_.begin()->first;
    }
    if (sending_count_ >= limits_.in_flight_max) {
        return kNever;
    }
    for (const auto& [name, lane] : lanes_) {
        if (!lane.ready.empty() && lane.in_flight < limits_.lane_in_flight_max) {
            next = std::min(next, lane.free_at);
        }
    }
    return next;
}

}  // namespace phantom::courier
