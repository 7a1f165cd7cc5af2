#include "wireguard/deadline_heap.h"

#include "base/assert.h"

namespace phantom::wireguard {

void DeadlineHeap::set(Node& node, Instant deadline) {
    if (deadline == kFarFuture) {
        remove(node);
        return;
    }
    if (node.position_ == Node::kNowhere) {
        entries_.push_back({deadline, &node});
        node.position_ = entries_.size() - 1;
    } else {
        entries_[node.position_].deadline = deadline;
    }
    sift_up(node.position_);
    sift_down(node.position_);
}

void DeadlineHeap::remove(Node& node) {
    const std::size_t position = node.position_;
    if (position == Node::kNowhere) {
        return;
    }
    PM_ASSERT(entries_[position].node == &node);
    node.position_ = Node::kNowhere;
    const Entry last = entries_.back();
    entries_.pop_back();
    if (position < entries_.size()) {
        place(position, last);
        sift_up(position);
        sift_down(last.node->position_);
    }
}

void DeadlineHeap::place(std::size_t position, const Entry& entry) {
    entries_[position] = entry;
    entry.node->position_ = position;
}

void DeadlineHeap::sift_up(std::size_t position) {
    const Entry entry = entries_[position];
    while (position > 0) {
        const std::size_t parent = (position - 1) / 2;
        if (entries_[parent].deadline <= entry.deadline) {
            break;
        }
        place(position, entries_[parent]);
        position = parent;
    }
    place(position, entry);
}

void DeadlineHeap::sift_down(std::size_t position) {
    const Entry entry = entries_[position];
    for (;;) {
        std::size_t child = 2 * position + 1;
        if (child >= entries_.size()) {
            break;
        }
        if (child + 1 < entries_.size() &&
            entries_[child + 1].deadline < entries_[child].deadline) {
            ++child;
        }
        if (entry.deadline <= entries_[child].deadline) {
            break;
        }
        place(position, entries_[child]);
        position = child;
    }
    place(position, entry);
}

}  // namespace phantom::wireguard
