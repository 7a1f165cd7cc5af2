#pragma once

// From alerts to notifications: routing, grouping, inhibition, silences, mute times, repetition. No I/O: who owns
// it gives alerts and the time, and takes what is to be told. One thread.
//
//     Dispatcher dispatcher(config);
//     PM_TRY(dispatcher.observe(alert, now));
//     for (const Notification& each : dispatcher.due(now)) { ... }     at next_due() and after observe()
//
// An epoch follows from what is told and from the repeat interval that `at` falls into, and from nothing else. So a
// process that is started again and sees the same alerts gives the same keys, and the outbox knows them.

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "alert/alert_book.h"
#include "alert/config.h"
#include "alert/inhibitor.h"
#include "alert/notification.h"
#include "alert/silences.h"

namespace phantom::alert {

// How soon a group that was just told of is told of again for something urgent.
inline constexpr Duration kUrgentInterval = std::chrono::seconds(10);

// Alerts of one route that are told of together, and what its receiver knows of them.
struct Group {
    const Route* route = nullptr;
    Labels labels;
    std::set<Fingerprint> alerts;
    WallTime next_flush;
    WallTime told_at;  // zero: not yet
    // The notification log: what the receiver knows.
    std::set<Fingerprint> told_firing;
    std::set<Fingerprint> told_resolved;
};

// A group as it is kept over a restart: its route by its path, and what its receiver knows. Which alerts fire in it
// follows from them.
struct GroupRecord {
    std::string route;
    Labels labels;
    WallTime next_flush;
    WallTime told_at;
    std::vector<Fingerprint> told_firing;
    std::vector<Fingerprint> told_resolved;
};

class Dispatcher {
  public:
    explicit Dispatcher(
        std::shared_ptr<const Config> config, std::size_t alerts_max = kActiveAlertsMax
    );

    // kShed.
    [[nodiscard]] Status observe(const Alert& alert, WallTime now);
    // Somebody takes it up: it is not repeated any more. kUnknownAlert, kTransition.
    [[nodiscard]] Status acknowledge(const Fingerprint& fingerprint, std::string by);
    [[nodiscard]] Silences& silences() { return silences_; }

    [[nodiscard]] std::vector<Notification> due(WallTime now);
    // No group waits for more any longer: those that were not told of yet are due.
    void hurry(WallTime now);
    // AlertBook::kFar: never, unless something is observed.
    [[nodiscard]] WallTime next_due() const;

    [[nodiscard]] const Entry* find(const Fingerprint& fingerprint) {
        return book_.find(fingerprint);
    }
    // Null: it is over.
    [[nodiscard]] const Group* find_group(const Fingerprint& key) const;
    // What of the group fires, is not suppressed, and has not been acknowledged, for whom an escalation tells:
    // nothing where nobody needs to be told. `salt` makes the epoch.
    [[nodiscard]] std::optional<Notification> unanswered(
        const Fingerprint& key, const std::string& receiver, const Fingerprint& salt, WallTime now
    );

    // ---- Over a restart: all entries first, then the groups ----
    void restore(Entry entry, WallTime now);
    // Without effect where its route is gone.
    void restore(const GroupRecord& record, WallTime now);
    // Those that began, changed or ended since the last time; find() says which of it.
    [[nodiscard]] std::vector<Fingerprint> take_changed_alerts();
    [[nodiscard]] std::vector<Fingerprint> take_changed_groups();
    [[nodiscard]] GroupRecord record_of(const Group& group) const;

    [[nodiscard]] std::size_t alert_count() const { return book_.count(); }
    [[nodiscard]] std::size_t group_count() const { return groups_.size(); }
    [[nodiscard]] std::uint64_t shed_total() const { return book_.shed_total(); }

  private:
    using Fingerprints = std::set<Fingerprint>;
    struct State {
        std::vector<NotifiedAlert> alerts;
        Fingerprints firing;
        Fingerprints resolved;
        bool is_worth_repeating = false;  // something fires that nobody has taken up
    };

    void put_into_groups(Entry& entry, WallTime now);
    void schedule(const Fingerprint& key, Group& group, WallTime at);
    void leave_groups(const Entry& entry);
    [[nodiscard]] std::optional<Notification> flush(
        const Fingerprint& key, Group& group, WallTime now
    );
    [[nodiscard]] State state_of(Group& group, WallTime now);
    [[nodiscard]] bool is_muted(const Route& route, WallTime now) const;
    [[nodiscard]] static bool has_news_of_firing(
        const Group& group, const State& state, WallTime now
    );
    [[nodiscard]] static bool has_news_of_resolved(const Group& group, const State& state);
    [[nodiscard]] static Notification notification_of(
        const Fingerprint& key, const Group& group, State& state, WallTime now
    );
    void let_go_of_resolved(Group& group);

    std::shared_ptr<const Config> config_;
    AlertBook book_;
    Inhibitor inhibitor_;
    Silences silences_;
    std::unordered_map<Fingerprint, Group, FingerprintHash> groups_;
    std::set<std::pair<WallTime, Fingerprint>> flushes_;
    std::vector<Fingerprint> changed_alerts_;
    std::vector<Fingerprint> changed_groups_;
};

// Of the route and the values of its labels.
[[nodiscard]] Fingerprint group_of(const Route& route, const Labels& group_labels);
[[nodiscard]] Labels group_labels_of(const Route& route, const Labels& labels);

}  // namespace phantom::alert
