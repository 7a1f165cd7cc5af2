#include "alert/dispatcher.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "crypto/sha256.h"

namespace phantom::alert {

namespace {

ByteView route_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

bool has_all_of(const std::set<Fingerprint>& set, const std::set<Fingerprint>& part) {
    return std::ranges::includes(set, part);
}

// What is told, and the interval of repetition: nothing that another process would not know as well.
Fingerprint epoch_of(
    const std::vector<NotifiedAlert>& alerts, Duration repeat_interval, WallTime now
) {
    WallTime first = now;
    std::vector<std::uint8_t> bytes;
    for (const NotifiedAlert& each : alerts) {
        first = std::min(first, each.alert.starts_at);
        std::array<std::uint8_t, 9> when;
        store_le<std::int64_t>(when.data(), each.alert.starts_at.ns);
        when[8] = each.is_resolved ? 1 : 0;
        bytes.insert(bytes.end(), each.alert.fingerprint.begin(), each.alert.fingerprint.end());
        bytes.insert(bytes.end(), when.begin(), when.end());
    }
    std::array<std::uint8_t, 8> interval;
    store_le<std::int64_t>(interval.data(), (now.ns - first.ns) / repeat_interval.count());
    return crypto::sha256({interval, bytes});
}

}  // namespace

Labels group_labels_of(const Route& route, const Labels& labels) {
    if (route.group_by_all) {
        return labels;
    }
    Labels chosen;
    for (const std::string& name : route.group_by) {
        if (labels.contains(name)) {
            chosen.set(name, labels.value_of(name));
        }
    }
    return chosen;
}

Fingerprint group_of(const Route& route, const Labels& group_labels) {
    return crypto::sha256({crypto::sha256({route_bytes(route.path)}), fingerprint_of(group_labels)}
    );
}

Dispatcher::Dispatcher(std::shared_ptr<const Config> config, std::size_t alerts_max)
    : config_(std::move(config)),
      book_(config_->resolve_timeout, alerts_max),
      inhibitor_(config_->inhibit_rules) {}

Status Dispatcher::observe(const Alert& alert, WallTime now) {
    const AlertBook::Seen seen = book_.observe(alert, now);
    for (const Entry& shed : seen.shed) {
        inhibitor_.end(shed.alert);
        leave_groups(shed);
        changed_alerts_.push_back(shed.alert.fingerprint);
    }
    if (seen.entry == nullptr) {
        return alert.ends_at.ns != 0 && alert.ends_at <= now ? Status() : fail(AlertError::kShed);
    }
    if (seen.is_new) {
        inhibitor_.begin(seen.entry->alert);
        put_into_groups(*seen.entry, now);
        changed_alerts_.push_back(alert.fingerprint);
    }
    return {};
}

void Dispatcher::put_into_groups(Entry& entry, WallTime now) {
    const Alert& alert = entry.alert;
    for (const Route* const route : routes_of(*config_, alert.labels)) {
        Labels labels = group_labels_of(*route, alert.labels);
        const Fingerprint key = group_of(*route, labels);
        const auto [found, is_new] = groups_.try_emplace(key);
        Group& group = found->second;
        entry.group_count += group.alerts.insert(alert.fingerprint).second ? 1 : 0;
        if (is_new) {
            changed_groups_.push_back(key);
            group.route = route;
            group.labels = std::move(labels);
            schedule(
                key, group, later(now, is_urgent(alert.priority) ? Duration(0) : route->group_wait)
            );
        } else if (is_urgent(alert.priority)) {
            const WallTime soonest =
                group.told_at.ns == 0 ? now : std::max(now, later(group.told_at, kUrgentInterval));
            schedule(key, group, std::min(group.next_flush, soonest));
        }
    }
}

void Dispatcher::schedule(const Fingerprint& key, Group& group, WallTime at) {
    flushes_.erase({group.next_flush, key});
    group.next_flush = at;
    flushes_.emplace(at, key);
}

void Dispatcher::leave_groups(const Entry& entry) {
    for (const Route* const route : routes_of(*config_, entry.alert.labels)) {
        const auto found =
            groups_.find(group_of(*route, group_labels_of(*route, entry.alert.labels)));
        if (found != groups_.end()) {
            found->second.alerts.erase(entry.alert.fingerprint);
        }
    }
}

Status Dispatcher::acknowledge(const Fingerprint& fingerprint, std::string by) {
    Entry* const entry = book_.find(fingerprint);
    if (entry == nullptr) {
        return fail(AlertError::kUnknownAlert);
    }
    PM_TRY(check_transition(entry->state, AlertState::kAcked));
    entry->become(AlertState::kAcked);
    entry->acked_by = std::move(by);
    changed_alerts_.push_back(fingerprint);
    return {};
}

std::vector<Notification> Dispatcher::due(WallTime now) {
    silences_.forget_over(now);
    const AlertBook::Ended ended = book_.end_due(now);
    for (const Fingerprint& fingerprint : ended.resolved) {
        inhibitor_.end(book_.find(fingerprint)->alert);
        changed_alerts_.push_back(fingerprint);
    }
    changed_alerts_.insert(changed_alerts_.end(), ended.forgotten.begin(), ended.forgotten.end());
    std::vector<Notification> notifications;
    while (!flushes_.empty() && flushes_.begin()->first <= now) {
        const Fingerprint key = flushes_.begin()->second;
        flushes_.erase(flushes_.begin());
        Group& group = groups_.at(key);
        if (auto notification = flush(key, group, now)) {
            notifications.push_back(std::move(*notification));
            changed_groups_.push_back(key);
        }
        if (group.alerts.empty()) {
            groups_.erase(key);
            changed_groups_.push_back(key);
        } else {
            schedule(key, group, later(now, group.route->group_interval));
        }
    }
    return notifications;
}

std::optional<Notification> Dispatcher::flush(const Fingerprint& key, Group& group, WallTime now) {
    State state = state_of(group, now);
    if (is_muted(*group.route, now)) {
        return std::nullopt;
    }
    const bool has_news = has_news_of_firing(group, state, now);
    if (!has_news && !has_news_of_resolved(group, state)) {
        let_go_of_resolved(group);
        return std::nullopt;
    }
    Notification notification = notification_of(key, group, state, now);
    notification.has_news_of_firing = has_news;
    group.told_at = now;
    // What is suppressed now stays known: its end is news, and that it is told of again is not.
    group.told_firing.insert(state.firing.begin(), state.firing.end());
    group.told_resolved = state.resolved;
    let_go_of_resolved(group);
    return notification;
}

Dispatcher::State Dispatcher::state_of(Group& group, WallTime now) {
    State state;
    for (const Fingerprint& fingerprint : group.alerts) {
        Entry& entry = *book_.find(fingerprint);
        if (entry.state == AlertState::kResolved) {
            // Of one that was never told of, the end is no news.
            if (group.told_firing.contains(fingerprint) ||
                group.told_resolved.contains(fingerprint)) {
                state.resolved.insert(fingerprint);
                state.alerts.push_back({entry.alert, true, entry.count});
            }
            continue;
        }
        const bool is_suppressed =
            silences_.is_silenced(entry.alert.labels, now) || inhibitor_.is_inhibited(entry.alert);
        if (entry.state != AlertState::kAcked) {
            entry.become(is_suppressed ? AlertState::kSuppressed : AlertState::kFiring);
        }
        if (!is_suppressed) {
            state.firing.insert(fingerprint);
            state.alerts.push_back({entry.alert, false, entry.count});
            state.is_worth_repeating |= entry.state == AlertState::kFiring;
        }
    }
    return state;
}

bool Dispatcher::is_muted(const Route& route, WallTime now) const {
    const auto is_in = [&](const std::string& name) {
        return contains_any(config_->time_intervals.at(name), now);
    };
    return std::ranges::any_of(route.mute_times, is_in) ||
           (!route.active_times.empty() && std::ranges::none_of(route.active_times, is_in));
}

bool Dispatcher::has_news_of_firing(const Group& group, const State& state, WallTime now) {
    const bool is_time_again = now >= later(group.told_at, group.route->repeat_interval);
    return !has_all_of(group.told_firing, state.firing) ||
           (state.is_worth_repeating && is_time_again);
}

bool Dispatcher::has_news_of_resolved(const Group& group, const State& state) {
    // Resolved are only those that were told of; see state_of().
    return !has_all_of(group.told_resolved, state.resolved);
}

Notification Dispatcher::notification_of(
    const Fingerprint& key, const Group& group, State& state, WallTime now
) {
    std::ranges::sort(state.alerts, {}, [](const NotifiedAlert& each) {
        return std::tuple(each.is_resolved, each.alert.priority, each.alert.fingerprint);
    });
    Notification notification{
        .receiver = group.route->receiver,
        .route = group.route->path,
        .group = key,
        .epoch = epoch_of(state.alerts, group.route->repeat_interval, now),
        .group_labels = group.labels,
        .common_labels = {},
        .common_annotations = {},
        .alerts = std::move(state.alerts),
        .left_out_count = 0,
        .priority = Priority::kP5,
        .at = now
    };
    fill_in_common(notification);
    if (notification.alerts.size() > kNotifiedAlertsMax) {
        notification.left_out_count = notification.alerts.size() - kNotifiedAlertsMax;
        notification.alerts.resize(kNotifiedAlertsMax);
    }
    return notification;
}

// Told of, or never to be: the group has nothing more to say of them.
void Dispatcher::let_go_of_resolved(Group& group) {
    std::erase_if(group.alerts, [&](const Fingerprint& fingerprint) {
        Entry& entry = *book_.find(fingerprint);
        if (entry.is_active()) {
            return false;
        }
        --entry.group_count;
        return true;
    });
    std::erase_if(group.told_firing, [&](const Fingerprint& fingerprint) {
        return !group.alerts.contains(fingerprint);
    });
}

const Group* Dispatcher::find_group(const Fingerprint& key) const {
    const auto found = groups_.find(key);
    return found == groups_.end() ? nullptr : &found->second;
}

std::optional<Notification> Dispatcher::unanswered(
    const Fingerprint& key, const std::string& receiver, const Fingerprint& salt, WallTime now
) {
    const auto found = groups_.find(key);
    if (found == groups_.end()) {
        return std::nullopt;
    }
    State state = state_of(found->second, now);
    std::erase_if(state.alerts, [&](const NotifiedAlert& each) {
        return each.is_resolved || book_.find(each.alert.fingerprint)->state != AlertState::kFiring;
    });
    if (state.alerts.empty()) {
        return std::nullopt;
    }
    Notification notification = notification_of(key, found->second, state, now);
    notification.receiver = receiver;
    notification.epoch = crypto::sha256({notification.epoch, salt});
    return notification;
}

void Dispatcher::restore(Entry entry, WallTime now) {
    Entry* const kept = book_.restore(std::move(entry), now);
    if (kept == nullptr || !kept->is_active()) {
        return;
    }
    inhibitor_.begin(kept->alert);
    put_into_groups(*kept, now);
}

void Dispatcher::restore(const GroupRecord& record, WallTime now) {
    const Route* const route = route_at(config_->root, record.route);
    if (route == nullptr) {
        return;
    }
    const Fingerprint key = group_of(*route, record.labels);
    std::set<Fingerprint> known(record.told_firing.begin(), record.told_firing.end());
    known.insert(record.told_resolved.begin(), record.told_resolved.end());
    std::erase_if(known, [&](const Fingerprint& each) { return book_.find(each) == nullptr; });
    const auto [found, is_new] = groups_.try_emplace(key);
    Group& group = found->second;
    if (is_new && known.empty()) {
        groups_.erase(found);
        return;
    }
    group.route = route;
    group.labels = record.labels;
    for (const Fingerprint& fingerprint : known) {
        book_.find(fingerprint)->group_count += group.alerts.insert(fingerprint).second ? 1 : 0;
    }
    group.told_at = record.told_at;
    group.told_firing = {record.told_firing.begin(), record.told_firing.end()};
    group.told_resolved = {record.told_resolved.begin(), record.told_resolved.end()};
    std::erase_if(group.told_firing, [&](const Fingerprint& each) {
        return !group.alerts.contains(each);
    });
    schedule(key, group, std::max(now, record.next_flush));
}

std::vector<Fingerprint> Dispatcher::take_changed_alerts() {
    return std::exchange(changed_alerts_, {});
}

std::vector<Fingerprint> Dispatcher::take_changed_groups() {
    return std::exchange(changed_groups_, {});
}

GroupRecord Dispatcher::record_of(const Group& group) const {
    return {
        .route = group.route->path,
        .labels = group.labels,
        .next_flush = group.next_flush,
        .told_at = group.told_at,
        .told_firing = {group.told_firing.begin(), group.told_firing.end()},
        .told_resolved = {group.told_resolved.begin(), group.told_resolved.end()}
    };
}

void Dispatcher::hurry(WallTime now) {
    for (auto& [key, group] : groups_) {
        if (group.told_at.ns == 0) {
            schedule(key, group, std::min(group.next_flush, now));
        }
    }
}

WallTime Dispatcher::next_due() const {
    const WallTime flush = flushes_.empty() ? AlertBook::kFar : flushes_.begin()->first;
    return std::min(flush, book_.next_end());
}

}  // namespace phantom::alert
