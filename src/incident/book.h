#pragma once

// All incidents of a node: which one a new alert belongs to, and which are let go.
//
// Alerts are joined while no more than kCorrelationWindow lies between them, where
//   - one host did both;
//   - both were against one host, with one technique or with one that may follow the other;
//   - who was attacked attacks, with a technique that may follow, or with an unknown one.
// An incident is a connected component of that: an alert that joins two makes them one. Where the life cycle does not
// let an incident go (somebody already works on it), both are kept and say so. A technique that follows, between hosts
// that have nothing to do with each other, joins nothing: scan and guess are everywhere.
//
// One thread; no I/O, what has changed is asked for and written by the owner.

#include <functional>
#include <map>
#include <span>
#include <utility>

#include "incident/incident.h"

namespace phantom::incident {

inline constexpr Duration kCorrelationWindow = std::chrono::hours(24);
// Above that the oldest that is over goes; with none over, the oldest.
inline constexpr std::size_t kIncidentsMax = 256;

// What an alert brings.
struct Report {
    std::uint64_t alert = 0;
    wire::Address subject;
    wire::Address object;  // none: many
    std::string subject_name;
    std::string text;
    std::string assessment;
    std::string technique;  // empty: none
    int risk_tenths = 10;
    int priority = 5;
    double confidence = 0;
    WallTime first_seen;
    WallTime at;
};

// Whether the second technique may be a step beyond the first.
using MayFollow = std::function<bool(std::string_view first, std::string_view next)>;

class IncidentBook {
  public:
    void set_techniques(MayFollow may_follow) { may_follow_ = std::move(may_follow); }

    // An incident that was written down before; its number is not given again.
    void restore(Incident incident);
    // The incident that it belongs to, opened, opened again, or brought up to date.
    Incident& report(const Report& report);
    // Null: there is none.
    [[nodiscard]] Incident* find(std::uint64_t number);
    // The open one of a subject; null: there is none.
    [[nodiscard]] Incident* open_of(const wire::Address& subject, WallTime now);
    [[nodiscard]] Incident* of_action(std::uint64_t action);
    [[nodiscard]] const std::map<std::uint64_t, Incident>& all() const { return incidents_; }

    // What `from` has becomes part of `into`; both tell of it. kNoSuchIncident, kNoSuchTransition: the life cycle lets
    // only what is new or in triage go.
    [[nodiscard]] Status merge(
        std::uint64_t from, std::uint64_t into, WallTime now, std::string_view why
    );
    // These alerts of it become one of their own. kNoSuchIncident also where one is not of it, or none would be left.
    [[nodiscard]] Result<std::uint64_t> split(
        std::uint64_t number, std::span<const std::uint64_t> alerts, WallTime now
    );
    [[nodiscard]] Status reopen(std::uint64_t number, WallTime now, std::string_view why);

    // Since the start, with those that split off.
    [[nodiscard]] std::uint64_t opened() const { return opened_; }
    // Numbers of those that were let go since the last call.
    [[nodiscard]] std::vector<std::uint64_t> take_dropped() { return std::exchange(dropped_, {}); }
    // Numbers of those that others were merged with or split from since the last call.
    [[nodiscard]] std::vector<std::uint64_t> take_changed() { return std::exchange(changed_, {}); }

  private:
    void make_room();
    Incident& open(const Report& report);
    void take_in(Incident& incident, const Report& report);
    [[nodiscard]] bool belongs(const Incident& incident, const Report& report) const;
    [[nodiscard]] bool is_step(std::string_view first, std::string_view next) const;
    [[nodiscard]] Incident* closed_of(const wire::Address& subject, WallTime now);
    void join(Incident& into, std::span<const std::uint64_t> others, WallTime now);

    MayFollow may_follow_;
    std::map<std::uint64_t, Incident> incidents_;
    std::vector<std::uint64_t> dropped_;
    std::vector<std::uint64_t> changed_;
    std::uint64_t next_ = 1;
    std::uint64_t opened_ = 0;
};

}  // namespace phantom::incident
