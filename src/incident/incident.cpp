#include "incident/incident.h"

#include <algorithm>
#include <array>

namespace phantom::incident {

namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(State::kCount)> kStateNames{
    "new",           "triage", "analysis",       "containment", "eradication", "recovery",
    "post_incident", "closed", "false_positive", "merged",      "reopened",
};

// What stands on the way of an incident that goes through all of it.
constexpr std::array kWay{
    State::kNew,         State::kTriage,   State::kAnalysis,     State::kContainment,
    State::kEradication, State::kRecovery, State::kPostIncident, State::kClosed,
};

std::size_t place_on_way(State state) {
    return static_cast<std::size_t>(std::ranges::find(kWay, state) - kWay.begin());
}

void keep_first(WallTime& time, WallTime now) {
    if (time.ns == 0) {
        time = now;
    }
}

}  // namespace

std::string_view name_of(State state) {
    return kStateNames[static_cast<std::size_t>(state)];
}

std::optional<State> state_of(std::string_view name) {
    const auto* at = std::ranges::find(kStateNames, name);
    return at == kStateNames.end() ? std::nullopt
                                   : std::optional(static_cast<State>(at - kStateNames.begin()));
}

bool may_follow(State from, State to) {
    using enum State;
    const std::size_t place = place_on_way(from);
    if (place + 1 < kWay.size() && kWay[place + 1] == to) {
        return true;
    }
    switch (from) {
        case kTriage:
            return to == kFalsePositive || to == kMerged;
        case kAnalysis:
            return to == kFalsePositive;
        case kContainment:
        case kEradication:
        case kRecovery:
            // New evidence; or what was done without being asked was a mistake, which is learned from.
            return to == kAnalysis || to == kFalsePositive;
        case kClosed:
            return to == kReopened;
        case kReopened:
            return to == kTriage || to == kAnalysis;
        default:
            return false;
    }
}

void Incident::note(WallTime at, std::string_view source, std::string_view text) {
    if (timeline.size() == kTimelineMax) {
        ++not_kept;
        return;
    }
    std::string clean;
    for (const char each : text.substr(0, kEntrySizeMax)) {
        const auto byte = static_cast<unsigned char>(each);
        clean += byte < 0x20 || byte > 0x7e ? '?' : each;
    }
    // What was seen before something was done may be told after it.
    const auto place = std::ranges::upper_bound(timeline, at, {}, &TimelineEntry::at);
    timeline.insert(place, {at, std::string(source), std::move(clean)});
}

Status Incident::move(State to, WallTime now, std::string_view why) {
    if (!may_follow(state, to)) {
        return fail(IncidentError::kNoSuchTransition);
    }
    const std::string text = std::string(name_of(state)) + " -> " + std::string(name_of(to)) +
                             (why.empty() ? "" : ": " + std::string(why));
    note(now, "life cycle", text);
    state = to;
    if (to == State::kContainment) {
        keep_first(contained, now);
    } else if (to == State::kRecovery) {
        keep_first(recovered, now);
    } else if (to == State::kClosed || to == State::kFalsePositive) {
        closed = now;
    }
    return {};
}

Status Incident::advance(State to, WallTime now, std::string_view why) {
    if (state == State::kReopened && to != State::kTriage) {
        PM_TRY(move(State::kAnalysis, now, ""));
    }
    const std::size_t from = place_on_way(state);
    const std::size_t end = place_on_way(to);
    if (from == kWay.size() || end == kWay.size() || end <= from) {
        return move(to, now, why);
    }
    for (std::size_t place = from + 1; place <= end; ++place) {
        PM_TRY(move(kWay[place], now, place == end ? why : ""));
    }
    return {};
}

}  // namespace phantom::incident
