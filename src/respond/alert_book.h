#pragma once

// Alerts of a node: findings that say the same are one, counted. One thread; no I/O.

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "assess/risk.h"
#include "base/clock.h"
#include "remedy/target.h"
#include "respond/finding.h"

namespace phantom::respond {

// Findings of one fingerprint are one alert while no more than this lies between two of them.
inline constexpr Duration kFoldWindow = std::chrono::minutes(5);
// Above that the oldest of the least priority go, and are counted; many at once, so that a flood of them
// does not look for the least each time.
inline constexpr std::size_t kAlertsMax = 10'000;
inline constexpr std::size_t kAlertsAtOnce = 500;

struct Alert {
    enum class State : std::uint8_t { kFiring, kAcknowledged, kResolved };

    std::uint64_t number = 0;
    State state = State::kFiring;
    std::string rule;
    std::string text;  // of the last finding
    wire::Address subject;
    std::string subject_name;  // empty: not a member
    wire::Address object;
    std::string technique;  // empty: none
    std::uint64_t count = 0;
    WallTime first;
    WallTime last;
    assess::Priority priority = assess::Priority::kP5;
    int risk_tenths = 10;
    double confidence = 0;
    std::string assessment;          // term by term
    std::vector<std::string> feeds;  // that name the subject, or whom it asked for
    std::uint64_t incident = 0;
    std::uint64_t action = 0;    // in force against its subject
    std::uint64_t proposal = 0;  // that waits for somebody's word
    // By which executor each of them.
    std::optional<remedy::Executor> measure;
    std::optional<remedy::Executor> proposed;
    // How it was judged last, and by what: not again while that is the same (Pipeline::step).
    struct Judgement {
        std::uint64_t evidence = 0;  // 0: not yet
        std::uint64_t world = 0;
        double severity = 0;
        std::size_t feeds = 0;   // that named the subject
        bool seen_here = false;  // not only by others: feeds, members
        double confidence = 0;
        double loss = 0;
        int risk_tenths = 10;
        friend bool operator==(const Judgement&, const Judgement&) = default;
    } judged;
    // Nothing is asked for again before that.
    WallTime next_wish;
};
[[nodiscard]] const char* name_of(Alert::State state);

class AlertBook {
  public:
    // The next new one has a greater number than this.
    void begin_after(std::uint64_t number) { next_ = std::max(next_, number + 1); }
    // The alert that the finding belongs to, new where there was none.
    Alert& fold(const Finding& finding);
    // As it was before a restart.
    void restore(Alert alert);
    // Null: there is none.
    [[nodiscard]] Alert* find(std::uint64_t number);
    // The action is over: nothing is done because of its alert any more.
    void release(std::uint64_t action);
    // Another has taken its place.
    void replace(std::uint64_t action, std::uint64_t by, remedy::Executor measure);
    // Nobody is asked any more.
    void release_proposal(std::uint64_t proposal);
    // Those of which nothing was heard for kFoldWindow are over.
    void resolve(WallTime now);
    [[nodiscard]] const std::map<std::uint64_t, Alert>& all() const { return alerts_; }
    [[nodiscard]] std::uint64_t dropped() const { return dropped_; }
    // Which gave way since the last time.
    [[nodiscard]] std::vector<std::uint64_t> take_dropped() { return std::exchange(gone_, {}); }

  private:
    // Compared in this order: what differs most often first. The rule's text is the alert's, and stays where
    // it is.
    struct Fingerprint {
        wire::Address subject;
        wire::Address object;
        std::string_view rule;
        friend auto operator<=>(const Fingerprint&, const Fingerprint&) = default;
    };
    static Fingerprint fingerprint_of(const Alert& alert) {
        return {alert.subject, alert.object, alert.rule};
    }
    void make_room();

    std::map<std::uint64_t, Alert> alerts_;
    std::map<Fingerprint, Alert*> open_;  // those that are not over
    std::uint64_t next_ = 1;
    std::uint64_t dropped_ = 0;
    std::vector<std::uint64_t> gone_;
};

}  // namespace phantom::respond
