#include "incident/book.h"

#include <algorithm>

#include <fmt/format.h>

namespace phantom::incident {

namespace {

bool is_recent(const Incident& incident, WallTime now) {
    return now.ns - incident.last_seen.ns < kCorrelationWindow.count();
}

template <class Value>
void insert_bounded(std::set<Value>& set, const Value& value, std::size_t max) {
    if (set.size() < max) {
        set.insert(value);
    }
}

void add_numbers(std::vector<std::uint64_t>& to, const std::vector<std::uint64_t>& more) {
    for (const std::uint64_t each : more) {
        if (to.size() < kNumbersMax && std::ranges::find(to, each) == to.end()) {
            to.push_back(each);
        }
    }
}

void add_fact(Incident& incident, const AlertFact& fact) {
    const auto known = std::ranges::find(incident.facts, fact.alert, &AlertFact::alert);
    if (known != incident.facts.end()) {
        known->last_seen = std::max(known->last_seen, fact.last_seen);
    } else if (incident.facts.size() < kNumbersMax) {
        incident.facts.push_back(fact);
    }
    insert_bounded(incident.subjects, fact.subject, kAddressesMax);
    if (!fact.object.is_none()) {
        insert_bounded(incident.objects, fact.object, kAddressesMax);
    }
    if (!fact.technique.empty()) {
        insert_bounded(incident.techniques, fact.technique, kTechniquesMax);
    }
}

}  // namespace

void IncidentBook::restore(Incident incident) {
    next_ = std::max(next_, incident.number + 1);
    incidents_.insert_or_assign(incident.number, std::move(incident));
    make_room();
}

void IncidentBook::make_room() {
    while (incidents_.size() > kIncidentsMax) {
        auto oldest = std::ranges::find_if(incidents_, [](const auto& each) {
            return !each.second.is_open();
        });
        if (oldest == incidents_.end()) {
            oldest = incidents_.begin();
        }
        dropped_.push_back(oldest->first);
        incidents_.erase(oldest);
    }
}

Incident* IncidentBook::find(std::uint64_t number) {
    const auto found = incidents_.find(number);
    return found == incidents_.end() ? nullptr : &found->second;
}

Incident* IncidentBook::open_of(const wire::Address& subject, WallTime now) {
    for (auto& [number, incident] : incidents_) {
        if (incident.is_open() && incident.subjects.contains(subject) && is_recent(incident, now)) {
            return &incident;
        }
    }
    return nullptr;
}

// The last one: what comes now is new evidence for it.
Incident* IncidentBook::closed_of(const wire::Address& subject, WallTime now) {
    Incident* last = nullptr;
    for (auto& [number, incident] : incidents_) {
        if (incident.state == State::kClosed && incident.subjects.contains(subject) &&
            is_recent(incident, now)) {
            last = &incident;
        }
    }
    return last;
}

Incident* IncidentBook::of_action(std::uint64_t action) {
    for (auto& [number, incident] : incidents_) {
        if (incident.state != State::kMerged &&
            std::ranges::find(incident.actions, action) != incident.actions.end()) {
            return &incident;
        }
    }
    return nullptr;
}

bool IncidentBook::is_step(std::string_view first, std::string_view next) const {
    return may_follow_ && !first.empty() && !next.empty() && may_follow_(first, next);
}

bool IncidentBook::belongs(const Incident& incident, const Report& report) const {
    if (!incident.is_open() || !is_recent(incident, report.at)) {
        return false;
    }
    if (incident.subjects.contains(report.subject)) {
        return true;
    }
    if (!incident.objects.contains(report.object) && !incident.objects.contains(report.subject)) {
        return false;  // most are nothing to each other, and this is told at a look
    }
    return std::ranges::any_of(incident.facts, [&](const AlertFact& fact) {
        if (report.at.ns - fact.last_seen.ns >= kCorrelationWindow.count()) {
            return false;
        }
        const bool follows = is_step(fact.technique, report.technique);
        const bool is_same = !report.technique.empty() && fact.technique == report.technique;
        const bool one_victim = !report.object.is_none() && fact.object == report.object;
        const bool goes_on = !fact.object.is_none() && fact.object == report.subject;
        return (one_victim && (is_same || follows || is_step(report.technique, fact.technique))) ||
               (goes_on && (follows || report.technique.empty()));
    });
}

Incident& IncidentBook::open(const Report& report) {
    const std::uint64_t number = next_++;
    ++opened_;
    Incident& incident = incidents_[number];
    incident.number = number;
    incident.subject = report.subject;
    incident.subject_name = report.subject_name;
    incident.title = report.text;
    incident.first_confidence = report.confidence;
    incident.first_seen = report.first_seen;
    incident.opened = report.at;
    incident.last_seen = report.at;
    make_room();
    return incident;
}

// The older takes the newer, unless somebody works on the newer already.
void IncidentBook::join(Incident& into, std::span<const std::uint64_t> others, WallTime now) {
    for (const std::uint64_t other : others) {
        if (merge(other, into.number, now, "one alert belongs to both")) {
            continue;
        }
        const std::string link = fmt::format("belongs together with incident {}", into.number);
        Incident* kept = find(other);
        const bool is_known = std::ranges::any_of(kept->timeline, [&](const TimelineEntry& each) {
            return each.text == link;
        });
        if (!is_known) {
            kept->note(now, "correlation", link);
            into.note(now, "correlation", fmt::format("belongs together with incident {}", other));
            changed_.push_back(other);
        }
    }
}

void IncidentBook::take_in(Incident& incident, const Report& report) {
    incident.last_seen = std::max(incident.last_seen, report.at);
    incident.risk_tenths = std::max(incident.risk_tenths, report.risk_tenths);
    incident.priority = std::min(incident.priority, report.priority);
    add_numbers(incident.alerts, {report.alert});
    add_fact(
        incident, {.alert = report.alert,
                   .subject = report.subject,
                   .object = report.object,
                   .technique = report.technique,
                   .text = report.text.substr(0, kEntrySizeMax),
                   .first_seen = report.first_seen,
                   .last_seen = report.at}
    );
    incident.note(report.at, "detection", report.text);
    incident.note(report.at, "assessment", report.assessment);
}

Incident& IncidentBook::report(const Report& report) {
    std::vector<std::uint64_t> matching;
    for (const auto& [number, incident] : incidents_) {
        if (belongs(incident, report)) {
            matching.push_back(number);
        }
    }
    Incident* incident =
        matching.empty() ? closed_of(report.subject, report.at) : find(matching.front());
    if (incident == nullptr) {
        incident = &open(report);
    } else if (incident->state == State::kClosed) {
        (void)incident->move(State::kReopened, report.at, "there is new evidence");
    } else if (incident->goes_on_anew()) {
        (void)incident->move(State::kAnalysis, report.at, "it goes on");
    }
    take_in(*incident, report);
    if (matching.size() > 1) {
        join(*incident, std::span(matching).subspan(1), report.at);
    }
    return *incident;
}

Status IncidentBook::merge(
    std::uint64_t from, std::uint64_t into, WallTime now, std::string_view why
) {
    Incident* source = find(from);
    Incident* target = find(into);
    if (source == nullptr || target == nullptr || source == target || !target->is_open()) {
        return fail(IncidentError::kNoSuchIncident);
    }
    if (source->state == State::kNew || source->state == State::kReopened) {
        PM_TRY(source->move(State::kTriage, now, ""));
    }
    PM_TRY(source->move(State::kMerged, now, fmt::format("into incident {}: {}", into, why)));
    source->merged_into = into;
    target->note(now, "correlation", fmt::format("incident {} is part of this: {}", from, why));
    add_numbers(target->alerts, source->alerts);
    add_numbers(target->actions, source->actions);
    for (const AlertFact& each : source->facts) {
        add_fact(*target, each);
    }
    for (const std::string& each : source->playbooks) {
        insert_bounded(target->playbooks, each, kPlaybooksMax);
    }
    for (const TimelineEntry& each : source->timeline) {
        if (each.source != "life cycle") {
            target->note(each.at, each.source, each.text);
        }
    }
    target->first_seen = std::min(target->first_seen, source->first_seen);
    target->last_seen = std::max(target->last_seen, source->last_seen);
    target->risk_tenths = std::max(target->risk_tenths, source->risk_tenths);
    target->priority = std::min(target->priority, source->priority);
    changed_.insert(changed_.end(), {from, into});
    return {};
}

Result<std::uint64_t> IncidentBook::split(
    std::uint64_t number, std::span<const std::uint64_t> alerts, WallTime now
) {
    Incident* source = find(number);
    if (source == nullptr || alerts.empty() || alerts.size() >= source->alerts.size() ||
        !source->is_open()) {
        return fail(IncidentError::kNoSuchIncident);
    }
    std::vector<AlertFact> moved;
    for (const std::uint64_t alert : alerts) {
        const auto fact = std::ranges::find(source->facts, alert, &AlertFact::alert);
        if (fact == source->facts.end()) {
            return fail(IncidentError::kNoSuchIncident);
        }
        moved.push_back(*fact);
    }
    const AlertFact first = *std::ranges::min_element(moved, {}, &AlertFact::first_seen);
    const int risk_tenths = source->risk_tenths;
    const int priority = source->priority;
    const double confidence = source->first_confidence;
    Report report;
    report.subject = first.subject;
    report.text = first.text;
    report.confidence = confidence;
    report.first_seen = first.first_seen;
    report.at = now;
    Incident& fresh = open(report);
    source = find(number);  // what was let go for it is never this one: it is open
    if (source == nullptr) {
        return fail(IncidentError::kNoSuchIncident);
    }
    fresh.subject_name = first.subject == source->subject ? source->subject_name : "";
    fresh.split_from = number;
    fresh.playbooks = source->playbooks;  // they were begun for both
    fresh.risk_tenths = risk_tenths;
    fresh.priority = priority;
    const std::vector<AlertFact> all = std::exchange(source->facts, {});
    source->subjects = {source->subject};
    source->objects.clear();
    source->techniques.clear();
    for (const AlertFact& each : all) {
        const bool is_moved = std::ranges::find(alerts, each.alert) != alerts.end();
        add_fact(is_moved ? fresh : *source, each);
        if (is_moved) {
            fresh.alerts.push_back(each.alert);
            fresh.note(each.last_seen, "detection", each.text);
            std::erase(source->alerts, each.alert);
        }
    }
    fresh.note(now, "correlation", fmt::format("split from incident {}", number));
    source->note(
        now, "correlation",
        fmt::format("{} alerts are incident {} now", alerts.size(), fresh.number)
    );
    changed_.insert(changed_.end(), {number, fresh.number});
    return fresh.number;
}

Status IncidentBook::reopen(std::uint64_t number, WallTime now, std::string_view why) {
    Incident* incident = find(number);
    if (incident == nullptr) {
        return fail(IncidentError::kNoSuchIncident);
    }
    changed_.push_back(number);
    return incident->move(State::kReopened, now, why);
}

}  // namespace phantom::incident
