#pragma once

// The snapshot that holds, passed between threads: one publishes, others read. A reader has always one whole
// snapshot, the old or the new; it asks one atomic number each time, and takes the lock only when that has changed.

#include <mutex>

#include "intel/snapshot.h"

namespace phantom::intel {

class SnapshotBox {
  public:
    // Not null.
    void publish(std::shared_ptr<const Snapshot> snapshot) {
        {
            const std::scoped_lock lock(mutex_);
            snapshot_.swap(snapshot);
        }
        generation_.fetch_add(1, std::memory_order_release);
        // The old one goes here, or with its last reader.
    }
    // Null before the first.
    [[nodiscard]] std::shared_ptr<const Snapshot> current() const {
        const std::scoped_lock lock(mutex_);
        return snapshot_;
    }
    [[nodiscard]] std::uint64_t generation() const {
        return generation_.load(std::memory_order_acquire);
    }

  private:
    mutable std::mutex mutex_;
    std::shared_ptr<const Snapshot> snapshot_;
    std::atomic<std::uint64_t> generation_{0};
};

// One thread's look into the box, which outlives it.
class SnapshotReader {
  public:
    explicit SnapshotReader(const SnapshotBox& box) : box_(box) {}
    // Null before the first. Stays until the next call.
    [[nodiscard]] const Snapshot* get() {
        if (const std::uint64_t generation = box_.generation(); generation != generation_) {
            generation_ = generation;
            snapshot_ = box_.current();
        }
        return snapshot_.get();
    }
    [[nodiscard]] std::uint64_t generation() const { return generation_; }

  private:
    const SnapshotBox& box_;
    std::uint64_t generation_ = 0;
    std::shared_ptr<const Snapshot> snapshot_;
};

}  // namespace phantom::intel
