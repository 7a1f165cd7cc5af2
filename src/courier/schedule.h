#pragma once

// Which delivery is tried when. No I/O: time and randomness are arguments.
//
//     queued -> sending -> delivered
//                       -> retry -> sending ...      backoff, or what the receiver asks for
//                       -> dead letter               refused, too old, too often tried
//
// In a lane the most important goes first, and no two closer together than its gap; in a thread only the
// oldest goes. One thread.

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/random.h"
#include "courier/answer.h"

namespace phantom::courier {

using namespace std::chrono_literals;

struct ScheduleLimits {
    Duration first_backoff = 1s;
    Duration backoff_max = 5min;
    Duration retry_after_max = 1h;
    Duration age_max = 24h;
    std::uint32_t attempts_max = 500;
    std::size_t lane_in_flight_max = 4;
    std::size_t in_flight_max = 64;
};

struct Delivery {
    std::string key;
    std::string thread;
    std::string lane;
    Duration lane_gap{0};
    int priority = 3;
    std::uint32_t attempts = 0;
    WallTime put_at;
    WallTime next_at;
};

class Schedule {
  public:
    explicit Schedule(const ScheduleLimits& limits = {}) : limits_(limits) {}

    // A key that is there already is left as it is.
    void add(Delivery delivery);

    // Those to be tried now; they are "sending" until settle().
    [[nodiscard]] std::vector<std::string> start_due(WallTime now);

    struct Settled {
        enum class State : std::uint8_t { kDelivered, kRetry, kDeadLetter };
        State state = State::kDeadLetter;
        Delivery delivery;  // with its attempts and next time
    };
    // `key` is sending.
    Settled settle(const std::string& key, const Answer& answer, WallTime now, Random& random);

    // Takes out the oldest of those that matter least and are not being sent, if all of them matter less than
    // `priority`; nothing otherwise.
    [[nodiscard]] std::optional<std::string> shed_for(int priority);

    // When start_due() may have something; the past where now, nothing before an answer: kNever.
    static constexpr WallTime kNever{INT64_MAX};
    [[nodiscard]] WallTime next_due() const;

    [[nodiscard]] std::size_t pending_count() const { return deliveries_.size(); }
    [[nodiscard]] std::size_t sending_count() const { return sending_count_; }

  private:
    using Sequence = std::uint64_t;
    struct Entry {
        Delivery delivery;
        Sequence sequence = 0;
    };
    struct Ready {
        int priority;
        Sequence sequence;
        std::string key;
        friend auto operator<=>(const Ready&, const Ready&) = default;
    };
    struct Lane {
        std::set<Ready> ready;
        WallTime free_at;
        std::size_t in_flight = 0;
    };

    // The most expendable first.
    struct Idle {
        int negative_priority;
        Sequence sequence;
        std::string key;
        friend auto operator<=>(const Idle&, const Idle&) = default;
    };

    [[nodiscard]] Idle idle_of(const std::string& key) const;
    void make_head_wait(const std::string& key);
    void move_due_to_lanes(WallTime now);
    void remove(const std::string& key);
    [[nodiscard]] Duration backoff_after(std::uint32_t attempts, Random& random) const;

    ScheduleLimits limits_;
    std::unordered_map<std::string, Entry> deliveries_;
    std::unordered_map<std::string, std::deque<std::string>> threads_;  // keys, oldest first
    std::set<std::pair<WallTime, std::string>> waiting_;                // heads of threads, by time
    std::map<std::string, Lane> lanes_;
    std::set<Idle> idle_;  // all that are not being sent
    std::size_t sending_count_ = 0;
    Sequence next_sequence_ = 1;
};

}  // namespace phantom::courier
