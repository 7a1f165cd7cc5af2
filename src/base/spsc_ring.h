#pragma once

// Bounded queue between exactly one producing and one consuming thread. Full means "no": the
// producer counts and drops, it never waits.

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>

namespace phantom {

template <class T, std::size_t Capacity>
class SpscRing {
    static_assert((Capacity & (Capacity - 1)) == 0, "capacity is a power of two");

  public:
    // Producer. False: full, nothing was stored.
    [[nodiscard]] bool push(const T& item) {
        const std::size_t tail = tail_.load(std::memory_order_relaxed);
        if (tail - head_.load(std::memory_order_acquire) == Capacity) {
            return false;
        }
        items_[tail & (Capacity - 1)] = item;
        tail_.store(tail + 1, std::memory_order_release);
        return true;
    }

    // Consumer. Null: empty. The item stays valid until pop().
    [[nodiscard]] const T* front() const {
        const std::size_t head = head_.load(std::memory_order_relaxed);
        if (head == tail_.load(std::memory_order_acquire)) {
            return nullptr;
        }
        return &items_[head & (Capacity - 1)];
    }
    void pop() {
        head_.store(head_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
    }

    // Either side; the other may move meanwhile.
    [[nodiscard]] std::size_t size() const {
        return tail_.load(std::memory_order_acquire) - head_.load(std::memory_order_acquire);
    }

  private:
    // 64: each index on its own cache line, so the two threads do not fight over one.
    alignas(64) std::atomic<std::size_t> head_{0};
    alignas(64) std::atomic<std::size_t> tail_{0};
    // On the heap and untouched until used: a ring that stays empty costs no memory.
    std::unique_ptr<T[]> items_ = std::make_unique_for_overwrite<T[]>(Capacity);
};

}  // namespace phantom
