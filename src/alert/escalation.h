#pragma once

// Who is told next when nobody takes it up:
//
//     begin -> level 1 -> level 2 ... -> last level -> again from level 1, `repeats` times -> over
//                    any -> over          acknowledged, or nothing fires any more
//                    a level whose channels are all dead -> the next one, at once
//
// No I/O and no clock. What a step means (who is on call, whether anybody has answered) is the caller's to find out.

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "alert/alert.h"

namespace phantom::alert {

inline constexpr std::size_t kEscalationLevelsMax = 20;
inline constexpr std::size_t kEscalationTargetsMax = 20;
inline constexpr std::uint32_t kEscalationRepeatsMax = 100;
inline constexpr std::size_t kEscalationsMax = 10'000;  // under way
inline constexpr const char* kRotaPrefix = "rota:";

struct EscalationLevel {
    Duration after{0};                 // since it began; never less than the level's before
    std::vector<std::string> targets;  // receivers, and "rota:NAME"; none: whom the route tells
    friend bool operator==(const EscalationLevel&, const EscalationLevel&) = default;
};

struct EscalationPolicy {
    std::string name;
    Priority priority = Priority::kP1;  // for those, and what matters more
    std::vector<EscalationLevel> levels;
    std::uint32_t repeats = 0;  // rounds after the first, each as long as the last level's `after`
    friend bool operator==(const EscalationPolicy&, const EscalationPolicy&) = default;
};

// P1, whom the route tells, at once and after 5 and 15 minutes.
[[nodiscard]] const EscalationPolicy& default_escalation();

struct Escalation {
    Fingerprint group{};
    std::string policy;
    WallTime began_at;  // of this round
    std::uint32_t round = 0;
    std::size_t level = 0;  // the next to be told
    WallTime next_at;
};

class Escalations {
  public:
    // Nothing where one is under way already, or where there is no room: it is counted.
    void begin(const Fingerprint& group, const EscalationPolicy& policy, WallTime now);
    void restore(const Escalation& escalation);
    // Acknowledged, or over.
    void stop(const Fingerprint& group);
    // Nobody of the last level that was told can be reached.
    void fall_through(const Fingerprint& group, WallTime now);

    // Levels to be told now; a group may have several.
    struct Step {
        Fingerprint group{};
        std::string policy;
        std::size_t level = 0;
        std::uint32_t round = 0;
        WallTime began_at;
    };
    // `policy_of` finds a policy by its name; where it is gone, the escalation is over.
    template <class PolicyOf>
    [[nodiscard]] std::vector<Step> due(WallTime now, PolicyOf policy_of) {
        std::vector<Step> steps;
        while (!times_.empty() && times_.begin()->first <= now) {
            const Fingerprint group = times_.begin()->second;
            const EscalationPolicy* policy = policy_of(under_way_.at(group).policy);
            if (policy == nullptr) {
                stop(group);
            } else {
                steps.push_back(advance(group, *policy));
            }
        }
        return steps;
    }

    static constexpr WallTime kNever{INT64_MAX};
    [[nodiscard]] WallTime next_due() const {
        return times_.empty() ? kNever : times_.begin()->first;
    }
    [[nodiscard]] const std::map<Fingerprint, Escalation>& all() const { return under_way_; }
    [[nodiscard]] std::uint64_t refused_total() const { return refused_total_; }
    // Groups whose escalation has begun, moved or ended since the last time.
    [[nodiscard]] std::set<Fingerprint> take_changed() { return std::exchange(changed_, {}); }

  private:
    Step advance(const Fingerprint& group, const EscalationPolicy& policy);
    void schedule(Escalation& escalation, WallTime at);

    std::map<Fingerprint, Escalation> under_way_;
    std::set<std::pair<WallTime, Fingerprint>> times_;
    std::set<Fingerprint> changed_;
    std::uint64_t refused_total_ = 0;
};

}  // namespace phantom::alert
