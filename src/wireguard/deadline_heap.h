#pragma once

// A min-heap of things with a deadline. Each thing is in it at most once and knows its place, so a
// deadline moves in O(log n), and one without a deadline costs nothing.

#include <cstddef>
#include <vector>

#include "base/clock.h"

namespace phantom::wireguard {

class DeadlineHeap {
  public:
    class Node {
      public:
        Node() = default;
        Node(const Node&) = delete;
        Node& operator=(const Node&) = delete;
        ~Node() = default;

      private:
        friend class DeadlineHeap;
        static constexpr std::size_t kNowhere = SIZE_MAX;
        std::size_t position_ = kNowhere;
    };

    // Inserts or moves; kFarFuture removes. A node is removed before it is destroyed.
    void set(Node& node, Instant deadline);
    void remove(Node& node);

    [[nodiscard]] Instant earliest() const {
        return entries_.empty() ? kFarFuture : entries_.front().deadline;
    }
    // Null: empty.
    [[nodiscard]] Node* first() const { return entries_.empty() ? nullptr : entries_.front().node; }
    [[nodiscard]] std::size_t size() const { return entries_.size(); }

  private:
    struct Entry {
        Instant deadline;
        Node* node;
    };

    void place(std::size_t position, const Entry& entry);
    void sift_up(std::size_t position);
    void sift_down(std::size_t position);

    std::vector<Entry> entries_;
};

}  // namespace phantom::wireguard
