#pragma once

// A value that holds, passed between threads: one publishes, others read. A reader has always one whole value, the
// old or the new; it asks one atomic number each time, and takes the lock only when that has changed.

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

namespace phantom {

template <class Value>
class Published {
  public:
    // Not null.
    void publish(std::shared_ptr<const Value> value) {
        {
            const std::scoped_lock lock(mutex_);
            value_.swap(value);
        }
        generation_.fetch_add(1, std::memory_order_release);
        // The old one goes here, or with its last reader.
    }
    // Null before the first.
    [[nodiscard]] std::shared_ptr<const Value> current() const {
        const std::scoped_lock lock(mutex_);
        return value_;
    }
    // 0 before the first.
    [[nodiscard]] std::uint64_t generation() const {
        return generation_.load(std::memory_order_acquire);
    }

  private:
    mutable std::mutex mutex_;
    std::shared_ptr<const Value> value_;
    std::atomic<std::uint64_t> generation_{0};
};

// One thread's look at what is published, which outlives it.
template <class Value>
class PublishedReader {
  public:
    explicit PublishedReader(const Published<Value>& published) : published_(published) {}
    // Null before the first. Stays until the next call.
    [[nodiscard]] const Value* get() {
        if (const std::uint64_t generation = published_.generation(); generation != generation_) {
            generation_ = generation;
            value_ = published_.current();
        }
        return value_.get();
    }
    [[nodiscard]] std::uint64_t generation() const { return generation_; }

  private:
    const Published<Value>& published_;
    std::uint64_t generation_ = 0;
    std::shared_ptr<const Value> value_;
};

}  // namespace phantom
