#pragma once

// An incident from its first sign to its post-mortem: NIST SP 800-61r2's life cycle, and a timeline of all
// that was seen and done. A value; who holds it decides.

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "incident/errors.h"
#include "wire/address.h"

namespace phantom::incident {

// What comes after is counted, not kept.
inline constexpr std::size_t kTimelineMax = 500;
inline constexpr std::size_t kEntrySizeMax = 400;
inline constexpr std::size_t kTechniquesMax = 64;
inline constexpr std::size_t kNumbersMax = 1'000;  // of alerts, of actions
inline constexpr std::size_t kAddressesMax = 64;   // of subjects, of objects
inline constexpr std::size_t kPlaybooksMax = 64;

enum class State : std::uint8_t {
    kNew,
    kTriage,
    kAnalysis,
    kContainment,
    kEradication,
    kRecovery,
    kPostIncident,
    kClosed,
    kFalsePositive,
    kMerged,
    kReopened,
    kCount,
};
[[nodiscard]] std::string_view name_of(State state);
[[nodiscard]] std::optional<State> state_of(std::string_view name);
[[nodiscard]] bool may_follow(State from, State to);

struct TimelineEntry {
    WallTime at;
    std::string source;  // "detection", "assessment", "action", "operator", "life cycle"
    std::string text;
    friend bool operator==(const TimelineEntry&, const TimelineEntry&) = default;
};

// What an alert brought, so that it can be told apart again.
struct AlertFact {
    std::uint64_t alert = 0;
    wire::Address subject;
    wire::Address object;   // none: many
    std::string technique;  // empty: none
    std::string text;
    WallTime first_seen;
    WallTime last_seen;
    friend bool operator==(const AlertFact&, const AlertFact&) = default;
};

struct Incident {
    std::uint64_t number = 0;
    State state = State::kNew;
    wire::Address subject;
    std::string subject_name;  // of the member; empty: not one
    std::string title;
    int risk_tenths = 10;  // the highest so far
    int priority = 5;      // likewise: 1 is the most urgent
    double first_confidence = 0;
    // Zero: not yet. The first of each stays.
    WallTime first_seen;
    WallTime opened;
    WallTime last_seen;
    WallTime acknowledged;
    WallTime contained;
    WallTime recovered;
    WallTime closed;
    std::set<std::string> techniques;
    std::vector<std::uint64_t> alerts;
    std::vector<std::uint64_t> actions;
    std::vector<TimelineEntry> timeline;
    std::uint64_t not_kept = 0;  // entries above kTimelineMax
    std::set<wire::Address> subjects;
    std::set<wire::Address> objects;
    std::set<std::string> playbooks;  // that have been begun for it by themselves: once each
    std::vector<AlertFact> facts;     // of `alerts`, as many as are kept
    std::uint64_t merged_into = 0;    // 0: it was not
    std::uint64_t split_from = 0;     // likewise

    friend bool operator==(const Incident&, const Incident&) = default;

    [[nodiscard]] bool is_open() const {
        return state != State::kClosed && state != State::kFalsePositive && state != State::kMerged;
    }
    // What was done against it is over, or was taken back: another sign of it is news.
    [[nodiscard]] bool goes_on_anew() const {
        return state == State::kRecovery || state == State::kEradication;
    }
    // Control characters and what is too long are left out: it may come from outside.
    void note(WallTime at, std::string_view source, std::string_view text);
    // kNoSuchTransition.
    [[nodiscard]] Status move(State to, WallTime now, std::string_view why);
    // Through all stages between, where the life cycle leads there straight on; else as move().
    [[nodiscard]] Status advance(State to, WallTime now, std::string_view why);
};

}  // namespace phantom::incident
