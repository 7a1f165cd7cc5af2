#pragma once

// All alerts that are known, and what is known of each. Repetitions of one fold into it: it fires as long as it is
// seen again within the window.

#include <array>
#include <chrono>
#include <cstring>
#include <list>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "alert/alert.h"
#include "alert/alert_state.h"

namespace phantom::alert {

inline constexpr std::size_t kActiveAlertsMax = 1'000'000;
// How long after its end an alert that comes back is still the same one.
inline constexpr Duration kReopenWindow = std::chrono::minutes(5);

struct FingerprintHash {
    std::size_t operator()(const Fingerprint& fingerprint) const {
        return load_le<std::size_t>(fingerprint.data());
    }
};

struct Entry {
    Alert alert;
    AlertState state = AlertState::kNew;
    std::uint64_t count = 0;  // how often it was seen
    WallTime first_seen;
    WallTime last_seen;
    WallTime ends_at;  // when it is over unless seen again; once resolved, when that was
    std::string acked_by;
    std::uint32_t group_count = 0;  // groups that have yet to tell of it, or of its end

    // A declared transition, or none.
    void become(AlertState next);
    [[nodiscard]] bool is_active() const {
        return state != AlertState::kResolved && state != AlertState::kClosed;
    }
};

class AlertBook {
  public:
    explicit AlertBook(Duration window, std::size_t count_max = kActiveAlertsMax)
        : window_(window), count_max_(count_max) {}

    struct Seen {
        Entry* entry = nullptr;   // none: the alert was shed
        bool is_new = false;      // or is back after it was resolved
        std::vector<Entry> shed;  // what had to give way
    };
    // An alert whose end is past resolves the one that is known.
    Seen observe(const Alert& alert, WallTime now);

    // As it was before a restart. What fires has the whole window to be seen again. Null where there is no room.
    Entry* restore(Entry entry, WallTime now);

    struct Ended {
        std::vector<Fingerprint> resolved;  // those that are over now
        std::vector<Fingerprint>
            forgotten;  // those that have been for kReopenWindow, and that no group needs
    };
    Ended end_due(WallTime now);

    [[nodiscard]] Entry* find(const Fingerprint& fingerprint);
    [[nodiscard]] std::size_t count() const { return entries_.size(); }
    [[nodiscard]] std::uint64_t shed_total() const { return shed_total_; }
    // kFar: nothing will end.
    static constexpr WallTime kFar{INT64_MAX};
    [[nodiscard]] WallTime next_end() const;

  private:
    struct Kept {
        Entry entry;
        std::list<Fingerprint>::iterator place;  // among those of its priority, oldest first
    };

    Entry& insert(Entry entry);
    void schedule(Entry& entry, WallTime at);
    [[nodiscard]] bool make_room_for(Priority priority, std::vector<Entry>& shed);
    // A copy: the caller's may lie in what is erased.
    Entry take_out(Fingerprint fingerprint);

    Duration window_;
    std::size_t count_max_;
    std::unordered_map<Fingerprint, Kept, FingerprintHash> entries_;
    std::array<std::list<Fingerprint>, kPriorityCount> by_priority_;
    std::set<std::pair<WallTime, Fingerprint>> ends_;
    std::uint64_t shed_total_ = 0;
};

}  // namespace phantom::alert
