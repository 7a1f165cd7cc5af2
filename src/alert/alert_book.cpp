#include "alert/alert_book.h"

#include <algorithm>

#include "base/assert.h"

namespace phantom::alert {

void Entry::become(AlertState next) {
    if (next != state) {
        PM_ASSERT(check_transition(state, next).has_value());
        state = next;
    }
}

AlertBook::Seen AlertBook::observe(const Alert& alert, WallTime now) {
    Seen seen;
    const WallTime end = alert.ends_at.ns != 0 ? alert.ends_at : later(now, window_);
    auto found = entries_.find(alert.fingerprint);
    if (found == entries_.end()) {
        if (end <= now) {
            return seen;  // the end of what was never seen
        }
        if (!make_room_for(alert.priority, seen.shed)) {
            ++shed_total_;
            return seen;
        }
        insert(
            {.alert = alert,
             .state = AlertState::kNew,
             .count = 0,
             .first_seen = now,
             .last_seen = now,
             .ends_at = {},
             .acked_by = {},
             .group_count = 0}
        );
        found = entries_.find(alert.fingerprint);
        seen.is_new = true;
    }
    Entry& entry = found->second.entry;
    if (entry.state == AlertState::kResolved && end > now) {
        // Back: the same alert, and a new beginning, so that it is told of again.
        entry.become(AlertState::kFiring);
        entry.alert.starts_at = alert.starts_at;
        entry.alert.ends_at = alert.ends_at;
        entry.acked_by.clear();
        seen.is_new = true;
    }
    if (entry.is_active()) {
        entry.alert.annotations = alert.annotations;
        ++entry.count;
        entry.last_seen = now;
        schedule(entry, end);
    }
    seen.entry = &entry;
    return seen;
}

Entry& AlertBook::insert(Entry entry) {
    const Fingerprint fingerprint = entry.alert.fingerprint;
    std::list<Fingerprint>& peers = by_priority_.at(index_of(entry.alert.priority));
    peers.push_back(fingerprint);
    return entries_
        .emplace(fingerprint, Kept{.entry = std::move(entry), .place = std::prev(peers.end())})
        .first->second.entry;
}

Entry* AlertBook::restore(Entry entry, WallTime now) {
    if (entries_.size() == count_max_ || entries_.contains(entry.alert.fingerprint)) {
        return nullptr;
    }
    const WallTime end = entry.is_active() ? std::max(entry.ends_at, later(now, window_))
                                           : later(now, kReopenWindow);
    const WallTime was = entry.ends_at;
    entry.group_count = 0;
    Entry& kept = insert(std::move(entry));
    schedule(kept, end);
    if (!kept.is_active()) {
        kept.alert.ends_at = was;
    }
    return &kept;
}

void AlertBook::schedule(Entry& entry, WallTime at) {
    ends_.erase({entry.ends_at, entry.alert.fingerprint});
    entry.ends_at = at;
    ends_.emplace(at, entry.alert.fingerprint);
}

bool AlertBook::make_room_for(Priority priority, std::vector<Entry>& shed) {
    if (entries_.size() < count_max_) {
        return true;
    }
    // The oldest of those that matter least, and never one that matters more than the newcomer.
    for (std::size_t index = kPriorityCount; index-- > index_of(priority);) {
        if (!by_priority_.at(index).empty()) {
            shed.push_back(take_out(by_priority_.at(index).front()));
            ++shed_total_;
            return true;
        }
    }
    return false;
}

Entry AlertBook::take_out(Fingerprint fingerprint) {
    const auto found = entries_.find(fingerprint);
    PM_ASSERT(found != entries_.end());
    Entry entry = std::move(found->second.entry);
    by_priority_.at(index_of(entry.alert.priority)).erase(found->second.place);
    ends_.erase({entry.ends_at, fingerprint});
    entries_.erase(found);
    return entry;
}

AlertBook::Ended AlertBook::end_due(WallTime now) {
    Ended ended;
    while (!ends_.empty() && ends_.begin()->first <= now) {
        const Fingerprint fingerprint = ends_.begin()->second;
        Entry& entry = entries_.at(fingerprint).entry;
        if (entry.is_active()) {
            entry.become(AlertState::kResolved);
            entry.alert.ends_at = entry.ends_at;
            schedule(entry, later(now, kReopenWindow));
            ended.resolved.push_back(fingerprint);
        } else if (entry.group_count > 0) {
            schedule(entry, later(now, kReopenWindow));
        } else {
            entry.become(AlertState::kClosed);
            take_out(fingerprint);
            ended.forgotten.push_back(fingerprint);
        }
    }
    return ended;
}

Entry* AlertBook::find(const Fingerprint& fingerprint) {
    const auto found = entries_.find(fingerprint);
    return found == entries_.end() ? nullptr : &found->second.entry;
}

WallTime AlertBook::next_end() const {
    return ends_.empty() ? kFar : ends_.begin()->first;
}

}  // namespace phantom::alert
