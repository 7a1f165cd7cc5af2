#include "respond/alert_book.h"

#include <algorithm>
#include <tuple>
#include <vector>

namespace phantom::respond {

const char* name_of(Alert::State state) {
    switch (state) {
        case Alert::State::kFiring:
            return "firing";
        case Alert::State::kAcknowledged:
            return "acknowledged";
        case Alert::State::kResolved:
            return "resolved";
    }
    return "";
}

Alert& AlertBook::fold(const Finding& finding) {
    const auto known = open_.find({finding.subject, finding.object, finding.rule});
    Alert* alert = known == open_.end() ? nullptr : known->second;
    if (alert == nullptr) {
        make_room();
        const std::uint64_t number = next_++;
        alert = &alerts_[number];
        alert->number = number;
        alert->rule = finding.rule;
        alert->subject = finding.subject;
        alert->object = finding.object;
        alert->technique = finding.technique ? finding.technique->to_string() : "";
        alert->first = finding.first_seen;
        open_[fingerprint_of(*alert)] = alert;
    }
    ++alert->count;
    alert->last = finding.at;
    alert->text = finding.text;
    if (!finding.reputation.empty()) {
        alert->feeds = finding.reputation.feeds;
    }
    return *alert;
}

void AlertBook::restore(Alert alert) {
    make_room();
    next_ = std::max(next_, alert.number + 1);
    Alert& kept = alerts_[alert.number];
    kept = std::move(alert);
    if (kept.state != Alert::State::kResolved) {
        open_[fingerprint_of(kept)] = &kept;
    }
}

Alert* AlertBook::find(std::uint64_t number) {
    const auto found = alerts_.find(number);
    return found == alerts_.end() ? nullptr : &found->second;
}

void AlertBook::release(std::uint64_t action) {
    for (auto& [number, alert] : alerts_) {
        if (alert.action == action) {
            alert.action = 0;
            alert.measure.reset();
        }
    }
}

void AlertBook::replace(std::uint64_t action, std::uint64_t by, remedy::Executor measure) {
    for (auto& [number, alert] : alerts_) {
        if (alert.action == action) {
            alert.action = by;
            alert.measure = measure;
        }
    }
}

void AlertBook::release_proposal(std::uint64_t proposal) {
    for (auto& [number, alert] : alerts_) {
        if (alert.proposal == proposal) {
            alert.proposal = 0;
            alert.proposed.reset();
        }
    }
}

void AlertBook::resolve(WallTime now) {
    std::erase_if(open_, [&](const auto& each) {
        Alert& alert = *each.second;
        if (Duration(now.ns - alert.last.ns) < kFoldWindow) {
            return false;
        }
        alert.state = Alert::State::kResolved;
        return true;
    });
}

void AlertBook::make_room() {
    if (alerts_.size() < kAlertsMax) {
        return;
    }
    // P5 before P1, what is over before what is not, then the oldest.
    using Rank = std::tuple<bool, int, std::uint64_t>;
    std::vector<Rank> ranks;
    ranks.reserve(alerts_.size());
    for (const auto& [number, alert] : alerts_) {
        ranks.emplace_back(
            alert.state != Alert::State::kResolved, -static_cast<int>(alert.priority), number
        );
    }
    std::ranges::nth_element(ranks, ranks.begin() + kAlertsAtOnce);
    for (std::size_t index = 0; index < kAlertsAtOnce; ++index) {
        const auto least = alerts_.find(std::get<std::uint64_t>(ranks[index]));
        if (const auto open = open_.find(fingerprint_of(least->second));
            open != open_.end() && open->second == &least->second) {
            open_.erase(open);
        }
        alerts_.erase(least);
        gone_.push_back(std::get<std::uint64_t>(ranks[index]));
    }
    dropped_ += kAlertsAtOnce;
}

}  // namespace phantom::respond
