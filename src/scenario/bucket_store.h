#pragma once

// All buckets of all scenarios. One event goes into every scenario that wants it.

#include <list>
#include <map>
#include <string>
#include <vector>

#include "scenario/bucket.h"
#include "scenario/overflow.h"

namespace phantom::scenario {

// Beyond these the bucket that was filled last the longest ago is let go.
inline constexpr std::size_t kBucketsMax = 20'000;
inline constexpr std::size_t kBucketsBytesMax = 256U << 20U;
inline constexpr std::size_t kBlackholesMax = 20'000;
inline constexpr std::size_t kGroupSizeMax = 1024;

class BucketStore {
  public:
    void add(BucketConfig config) { scenarios_.push_back({std::move(config), {}}); }
    [[nodiscard]] std::size_t scenario_count() const { return scenarios_.size(); }

    // Every scenario that speaks. The event is not changed but for what expressions unmarshal.
    // A bucket needs to know when: without a time of its own, an event goes to triggers only.
    enum class Wanted : std::uint8_t { kAll, kTriggers };
    [[nodiscard]] std::vector<Overflow> pour(
        Value& event, Stash& stash, Wanted wanted = Wanted::kAll
    );
    // There are no more lines: counters say what they have.
    [[nodiscard]] std::vector<Overflow> end();

    [[nodiscard]] std::uint64_t let_go() const { return let_go_; }

  private:
    struct Scenario {
        BucketConfig config;
        // Group to the moment until which it keeps silent.
        std::map<std::string, std::int64_t> silent_until_ns;
    };
    struct Key {
        std::size_t scenario;
        std::string group;
        friend auto operator<=>(const Key&, const Key&) = default;
    };
    struct Slot {
        Bucket bucket;
        std::size_t bytes = 0;
        std::list<Key>::iterator age;
    };
    using Slots = std::map<Key, Slot>;

    void pour_into(
        std::size_t scenario, const SharedEvent& event, const Scope& scope,
        std::vector<Overflow>& said
    );
    Slots::iterator slot_for(const Key& key, std::int64_t now_ns, std::vector<Overflow>& said);
    void speak(
        const Key& key, const Bucket& bucket, std::int64_t now_ns, std::vector<Overflow>& said
    );
    void remove(Slots::iterator slot);
    void make_room();
    [[nodiscard]] bool is_silent(Scenario& scenario, const std::string& group, std::int64_t now_ns)
        const;

    std::vector<Scenario> scenarios_;
    Slots slots_;
    std::list<Key> ages_;  // the one filled last at the end
    std::size_t bytes_ = 0;
    std::uint64_t let_go_ = 0;
};

}  // namespace phantom::scenario
