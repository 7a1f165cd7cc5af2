#pragma once

// Which executor acts on a finding, and who has to be asked first. Logic without I/O or clock.
//
// Executors stand on a ladder, the gentlest first. Each has a floor of confidence and of risk, and a cost: that of
// having been wrong. A finding warrants every step whose floors it reaches and whose cost it outweighs; of these the
// hardest is taken that needs nobody, and the hardest that needs somebody is proposed beside it. So who is asked never
// keeps a gentler step from being taken meanwhile.
//
//     const Choice choice = choose(policy, judged, {});
//     choice.act      // the hardest first; the next where the one before it is refused
//     choice.propose  // null: nothing is to be asked

#include <array>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "remedy/guard.h"

namespace phantom::respond {

inline constexpr std::size_t kMeasureCount = 5;
inline constexpr std::size_t kTargetRulesMax = 256;
// Nothing is done for longer without being asked.
inline constexpr Duration kMeasureLongest = std::chrono::hours(24);
inline constexpr std::size_t kMeasuresAnHourMax = 10'000;
// A surer finding than none: below this a coin says as much.
inline constexpr double kConfidenceLeast = 0.5;

struct Approval {
    enum class Asked : std::uint8_t { kNever, kAbove, kAlways };
    Asked asked = Asked::kNever;
    int above_tenths = 0;  // of risk; where kAbove

    [[nodiscard]] bool is_needed(int risk_tenths) const {
        return asked == Asked::kAlways || (asked == Asked::kAbove && risk_tenths > above_tenths);
    }
    friend bool operator==(const Approval&, const Approval&) = default;
};
[[nodiscard]] std::string to_string(const Approval& approval);

// The terms of one step.
struct Measure {
    remedy::Executor executor = remedy::Executor::kFirewall;
    bool is_used = false;
    bool needs_member = false;  // of a stranger there is nothing to take it from
    double confidence_min = 1;  // kConfidenceLeast to 1
    int risk_tenths_min = 10;
    double cost_per_hour =
        1;  // of having done it to somebody who did nothing; the loss of an attack is 1 at most
    Approval approval{};
    Duration duration = std::chrono::hours(1);
    std::uint32_t rate = 0;          // bytes a second; of the rate limit
    std::size_t active_max = 1'000;  // in force at a time, unasked
    std::size_t per_hour_max = 100;  // begun in an hour, unasked
    friend bool operator==(const Measure&, const Measure&) = default;
};

// Of whoever it names approval is asked for as well; it never takes away that another line asks.
struct TargetRule {
    std::variant<wire::Prefix, std::string> whom;  // a member by its name
    std::vector<remedy::Executor> executors;       // none: all
    Approval approval;
    friend bool operator==(const TargetRule&, const TargetRule&) = default;
};

struct ResponsePolicy {
    // The gentlest first: rate limit, firewall, isolation, tunnel, credential.
    std::array<Measure, kMeasureCount> measures;
    std::vector<TargetRule> targets;

    ResponsePolicy();
    // Of every step somebody is asked: while nobody knows what the owner wants.
    [[nodiscard]] static ResponsePolicy asking();
    // Null: it is on no step (route).
    [[nodiscard]] Measure* find(remedy::Executor executor);
    [[nodiscard]] const Measure& of(remedy::Executor executor) const;
    // For who has the last word (remedy::Guard).
    [[nodiscard]] remedy::ExecutorLimits limits() const;
    friend bool operator==(const ResponsePolicy&, const ResponsePolicy&) = default;
};
// Its place on the ladder; kMeasureCount: none.
[[nodiscard]] std::size_t step_of(remedy::Executor executor);

struct Judged {
    wire::Address subject;
    std::string_view subject_name;  // empty: not a member
    double confidence = 0;
    double loss = 0;  // of doing nothing: (S / 10)^(1 - B / 2)
    int risk_tenths = 10;
};
// What there is already, against the same subject.
struct Standing {
    std::optional<remedy::Executor> in_force = std::nullopt;
    std::optional<remedy::Executor> proposed = std::nullopt;
    // From this step on somebody has said no.
    std::size_t refused_from = kMeasureCount;
};
struct Choice {
    std::vector<const Measure*> act;
    const Measure* propose = nullptr;
};
// The measures of the choice are the policy's.
[[nodiscard]] Choice choose(
    const ResponsePolicy& policy, const Judged& judged, const Standing& standing
);
[[nodiscard]] bool needs_approval(
    const ResponsePolicy& policy, const Measure& measure, const Judged& judged
);

// How often each was begun in the last hour. It begins anew with the process; how many may be in force does not.
class HourlyBudget {
  public:
    [[nodiscard]] bool may(const Measure& measure, WallTime now);
    void spend(const Measure& measure, WallTime now);

  private:
    std::array<std::deque<WallTime>, kMeasureCount> begun_;
};

}  // namespace phantom::respond
