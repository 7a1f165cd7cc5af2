#include "alert/escalation.h"

#include <algorithm>

#include "base/assert.h"

namespace phantom::alert {

using namespace std::chrono_literals;

const EscalationPolicy& default_escalation() {
    static const EscalationPolicy policy{
        .name = "default",
        .priority = Priority::kP1,
        .levels =
            {{.after = 0s, .targets = {}},
             {.after = 5min, .targets = {}},
             {.after = 15min, .targets = {}}},
        .repeats = 0
    };
    return policy;
}

void Escalations::begin(const Fingerprint& group, const EscalationPolicy& policy, WallTime now) {
    PM_ASSERT(!policy.levels.empty());
    if (under_way_.contains(group)) {
        return;
    }
    if (under_way_.size() == kEscalationsMax) {
        ++refused_total_;
        return;
    }
    Escalation& made = under_way_[group];
    made.group = group;
    made.policy = policy.name;
    made.began_at = now;
    schedule(made, later(now, policy.levels.front().after));
}

void Escalations::restore(const Escalation& escalation) {
    if (under_way_.size() < kEscalationsMax) {
        under_way_[escalation.group] = escalation;
        times_.emplace(escalation.next_at, escalation.group);
    }
}

void Escalations::stop(const Fingerprint& group) {
    const auto found = under_way_.find(group);
    if (found != under_way_.end()) {
        times_.erase({found->second.next_at, group});
        under_way_.erase(found);
        changed_.insert(group);
    }
}

void Escalations::fall_through(const Fingerprint& group, WallTime now) {
    const auto found = under_way_.find(group);
    if (found != under_way_.end() && found->second.next_at > now) {
        schedule(found->second, now);
    }
}

void Escalations::schedule(Escalation& escalation, WallTime at) {
    times_.erase({escalation.next_at, escalation.group});
    escalation.next_at = at;
    times_.emplace(at, escalation.group);
    changed_.insert(escalation.group);
}

Escalations::Step Escalations::advance(const Fingerprint& group, const EscalationPolicy& policy) {
    Escalation& escalation = under_way_.at(group);
    // A policy that was changed may have fewer levels.
    const std::size_t level = std::min(escalation.level, policy.levels.size() - 1);
    const Step step{group, policy.name, level, escalation.round, escalation.began_at};
    if (level + 1 < policy.levels.size()) {
        escalation.level = level + 1;
        // A level that was brought forward brings those after it forward as well.
        const Duration gap = policy.levels[level + 1].after - policy.levels[level].after;
        schedule(escalation, later(escalation.next_at, gap));
        return step;
    }
    if (escalation.round < policy.repeats) {
        ++escalation.round;
        escalation.level = 0;
        const Duration whole = std::max<Duration>(policy.levels.back().after, 1min);
        escalation.began_at = later(escalation.next_at, whole);
        schedule(escalation, later(escalation.began_at, policy.levels.front().after));
        return step;
    }
    stop(group);
    return step;
}

}  // namespace phantom::alert
