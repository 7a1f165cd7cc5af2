#pragma once

// One bucket: the events of one scenario and one group that count together.

#include <deque>
#include <memory>
#include <set>
#include <string>

#include "scenario/bucket_config.h"
#include "scenario/event.h"

namespace phantom::scenario {

// Events that a bucket keeps, the newest; what it has counted is not bounded by it.
inline constexpr std::size_t kBucketEventsMax = 128;
inline constexpr std::size_t kBucketDistinctMax = 4096;

using SharedEvent = std::shared_ptr<const Value>;

class Bucket {
  public:
    explicit Bucket(const BucketConfig& config);

    enum class Poured : std::uint8_t {
        kKept,
        kDropped,   // not distinct
        kCanceled,  // the bucket is to go, and says nothing
        kOverflows  // the bucket is to go, and speaks
    };
    // `evaluated` is the event for the expressions of the scenario.
    Poured pour(const SharedEvent& event, Scope evaluated);

    // Its time is over at `now_ns`.
    [[nodiscard]] bool is_over(std::int64_t now_ns) const;

    [[nodiscard]] const std::deque<SharedEvent>& events() const { return events_; }
    [[nodiscard]] std::uint64_t count() const { return count_; }
    [[nodiscard]] std::int64_t first_ns() const { return first_ns_; }
    [[nodiscard]] std::int64_t last_ns() const { return last_ns_; }
    // {"Queue": [events]}
    [[nodiscard]] Value queue() const;

  private:
    [[nodiscard]] bool has_room(std::int64_t now_ns);

    const BucketConfig* config_;
    std::deque<SharedEvent> events_;
    std::size_t events_max_;
    std::set<std::string> seen_;  // of `distinct`
    std::uint64_t count_ = 0;
    std::int64_t first_ns_ = 0;
    std::int64_t last_ns_ = 0;
    double room_;
    std::int64_t room_at_ns_ = 0;
};

}  // namespace phantom::scenario
