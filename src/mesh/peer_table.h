#pragma once

// Whom a node talks with, by id, and when each is due. A node is asked for its deadline after every
// message, and a message changes one of them: only those that were changed are asked anew, and the
// earliest stands at the top of a heap. So an event costs the logarithm of how many there are.
//
// Peer: `const identity::NodeId id`, and a constructor that takes it and what else add() is given. A
// Peer stays where it is until it is erased. Who holds a Peer* across a call of deadline() or take_due()
// asks change() for it anew. One thread.

#include <algorithm>
#include <memory>
#include <ranges>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "identity/types.h"

namespace phantom::mesh {

template <class Peer>
class PeerTable {
  public:
    [[nodiscard]] std::size_t size() const { return slots_.size(); }
    [[nodiscard]] bool contains(const identity::NodeId& node) const {
        return find(node) != nullptr;
    }
    // Null: it is not here.
    [[nodiscard]] const Peer* find(const identity::NodeId& node) const {
        const auto at = place_of(node);
        return at != slots_.end() && at->node == node ? &at->slot->peer : nullptr;
    }
    // To be changed, null as above.
    [[nodiscard]] Peer* change(const identity::NodeId& node) {
        const auto at = place_of(node);
        return at != slots_.end() && at->node == node ? &touched(*at->slot) : nullptr;
    }
    // To be changed; made where it was not here.
    template <class... Made>
    Peer& add(const identity::NodeId& node, Made&&... made) {
        if (Peer* known = change(node)) {
            return *known;
        }
        auto slot = std::make_unique<Slot>(node, std::forward<Made>(made)...);
        Slot& added = *slots_.insert(place_of(node), Place{node, std::move(slot)})->slot;
        added.heap_index = heap_.size();
        heap_.push_back({kFarFuture, &added});
        return touched(added);
    }
    // To be changed, those of which `holds` is true.
    template <class Predicate>
    [[nodiscard]] std::vector<Peer*> change_those(Predicate holds) {
        std::vector<Peer*> found;
        for (const Place& place : slots_) {
            if (holds(std::as_const(place.slot->peer))) {
                found.push_back(&touched(*place.slot));
            }
        }
        return found;
    }
    [[nodiscard]] std::vector<Peer*> change_all() {
        return change_those([](const Peer& /*each*/) { return true; });
    }
    void erase(const identity::NodeId& node) {
        if (const auto at = place_of(node); at != slots_.end() && at->node == node) {
            Slot* const slot = at->slot.get();
            std::erase(stale_, slot);
            std::erase(changed_, slot);
            take_out_of_heap(*slot);
            slots_.erase(at);
        }
    }
    // Each `const Peer&`, by id.
    [[nodiscard]] auto all() const {
        return slots_ | std::views::transform([](const Place& place) -> const Peer& {
                   return place.slot->peer;
               });
    }

    // `due_of` says when a Peer is due, from the Peer alone or after change_all().
    template <class DueOf>
    [[nodiscard]] Instant deadline(DueOf due_of) const {
        for (Slot* slot : stale_) {
            slot->is_stale = false;
            move_in_heap(*slot, due_of(std::as_const(slot->peer)));
        }
        stale_.clear();
        return heap_.empty() ? kFarFuture : heap_.front().due;
    }
    // To be changed, by id: those that are due, and those that were changed since they were last taken.
    [[nodiscard]] std::vector<Peer*> take_due(Instant now) {
        collect_due(0, now);
        std::ranges::for_each(stale_, [&](Slot* slot) { note_changed(*slot); });
        std::vector<Peer*> taken;
        taken.reserve(changed_.size());
        for (Slot* slot : changed_) {
            taken.push_back(&slot->peer);
            slot->is_changed = false;
            note_stale(*slot);
        }
        changed_.clear();
        std::ranges::sort(taken, {}, [](const Peer* each) -> const identity::NodeId& {
            return each->id;
        });
        return taken;
    }

  private:
    struct Slot {
        template <class... Made>
        explicit Slot(const identity::NodeId& node, Made&&... made)
            : peer(node, std::forward<Made>(made)...) {}

        Peer peer;
        std::size_t heap_index = 0;
        bool is_stale = false;    // stands in stale_: where it is in the heap is of before a change
        bool is_changed = false;  // stands in changed_
    };
    struct Place {
        identity::NodeId node;
        std::unique_ptr<Slot> slot;
    };
    struct Due {
        Instant due;
        Slot* slot = nullptr;
    };

    void note_stale(Slot& slot) {
        if (!std::exchange(slot.is_stale, true)) {
            stale_.push_back(&slot);
        }
    }
    void note_changed(Slot& slot) {
        if (!std::exchange(slot.is_changed, true)) {
            changed_.push_back(&slot);
        }
    }
    Peer& touched(Slot& slot) {
        note_stale(slot);
        note_changed(slot);
        return slot.peer;
    }
    [[nodiscard]] auto place_of(const identity::NodeId& node) const {
        return std::ranges::lower_bound(slots_, node, {}, &Place::node);
    }
    [[nodiscard]] auto place_of(const identity::NodeId& node) {
        return std::ranges::lower_bound(slots_, node, {}, &Place::node);
    }

    void put(std::size_t index, Due due) const {
        heap_[index] = due;
        due.slot->heap_index = index;
    }
    // Up while what is above is due later, then down while what is below is due earlier.
    void move_in_heap(Slot& slot, Instant due) const {
        std::size_t at = slot.heap_index;
        for (; at > 0 && heap_[(at - 1) / 2].due > due; at = (at - 1) / 2) {
            put(at, heap_[(at - 1) / 2]);
        }
        for (std::size_t below = 2 * at + 1; below < heap_.size(); below = 2 * at + 1) {
            if (below + 1 < heap_.size() && heap_[below + 1].due < heap_[below].due) {
                ++below;
            }
            if (heap_[below].due >= due) {
                break;
            }
            put(at, heap_[below]);
            at = below;
        }
        put(at, {due, &slot});
    }
    void take_out_of_heap(const Slot& slot) {
        const Due last = heap_.back();
        heap_.pop_back();
        if (last.slot != &slot) {
            last.slot->heap_index = slot.heap_index;
            move_in_heap(*last.slot, last.due);
        }
    }
    // Nothing below one that is not due is due.
    void collect_due(std::size_t at, Instant now) {
        if (at < heap_.size() && heap_[at].due <= now) {
            note_changed(*heap_[at].slot);
            collect_due(2 * at + 1, now);
            collect_due(2 * at + 2, now);
        }
    }

    std::vector<Place> slots_;  // by id
    mutable std::vector<Due> heap_;
    mutable std::vector<Slot*> stale_;
    std::vector<Slot*> changed_;
};

}  // namespace phantom::mesh
