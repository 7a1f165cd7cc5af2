#pragma once

// When may memory that shards read without a lock be freed? After every shard has passed a
// quiescent point (between two batches it holds no pointer) since the memory was taken out of the
// published structures. Quiescent-state-based reclamation, as in the RCU literature (Hart et al.,
// "Performance of memory reclamation for lockless synchronization", 2007).

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

namespace phantom::dataplane {

class Quiescence {
  public:
    explicit Quiescence(std::size_t shard_count) : seen_(shard_count) {}

    // Shard, between two batches.
    void pass(std::size_t shard) {
        seen_[shard].epoch.store(epoch_.load(std::memory_order_acquire), std::memory_order_release);
    }
    // Shard, before it blocks; wake() ends it.
    void sleep(std::size_t shard) { seen_[shard].epoch.store(kAsleep, std::memory_order_release); }
    // Both this and collect() read-modify-write `epoch_`, and one of them is first: either the
    // control thread sees us awake, or we see all that it published.
    void wake(std::size_t shard) {
        seen_[shard].epoch.store(epoch_.load(std::memory_order_acquire), std::memory_order_release);
        epoch_.fetch_add(0, std::memory_order_acq_rel);
    }

    // Control thread: frees each once it is safe.
    void retire(std::vector<std::shared_ptr<const void>> objects) {
        if (objects.empty()) {
            return;
        }
        const std::uint64_t epoch = epoch_.fetch_add(1, std::memory_order_acq_rel) + 1;
        waiting_.push_back({epoch, std::move(objects)});
    }
    void collect() {
        if (waiting_.empty()) {
            return;
        }
        epoch_.fetch_add(0, std::memory_order_acq_rel);
        std::uint64_t passed = kAsleep;
        for (const Seen& seen : seen_) {
            passed = std::min(passed, seen.epoch.load(std::memory_order_acquire));
        }
        while (!waiting_.empty() && waiting_.front().epoch <= passed) {
            waiting_.pop_front();
        }
    }
    [[nodiscard]] bool pending() const { return !waiting_.empty(); }

  private:
    static constexpr std::uint64_t kAsleep = UINT64_MAX;

    struct alignas(64) Seen {
        std::atomic<std::uint64_t> epoch{kAsleep};
    };
    struct Waiting {
        std::uint64_t epoch;
        std::vector<std::shared_ptr<const void>> objects;
    };

    std::atomic<std::uint64_t> epoch_{1};
    std::vector<Seen> seen_;
    std::deque<Waiting> waiting_;
};

}  // namespace phantom::dataplane
