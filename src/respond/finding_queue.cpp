#include "respond/finding_queue.h"

#include <cmath>
#include <iterator>
#include <utility>

#include "respond/pipeline.h"

namespace phantom::respond {

namespace {

std::size_t lane_of(assess::Priority priority) {
    return static_cast<std::size_t>(priority) - 1;
}

}  // namespace

assess::Priority most_urgent(const Finding& finding) {
    const double odds = kPrior / (1 - kPrior) * std::exp(finding.evidence.llr);
    return assess::risk_of({.p = odds / (1 + odds), .severity = finding.severity, .blast = 1})
        .priority;
}

bool FindingQueue::put(Finding finding) {
    const std::size_t lane = lane_of(most_urgent(finding));
    const std::scoped_lock lock(mutex_);
    if (count_ == count_max_ && !make_room_for(lane)) {
        ++counts_.shed[lane];
        return false;
    }
    ++counts_.taken_in;
    lanes_[lane].push_back(std::move(finding));
    return ++count_ == 1;
}

bool FindingQueue::make_room_for(std::size_t lane) {
    for (std::size_t least = kPriorityCount - 1; least > lane; --least) {
        if (!lanes_[least].empty()) {
            lanes_[least].pop_back();
            ++counts_.shed[least];
            --counts_.taken_in;
            --count_;
            return true;
        }
    }
    return false;
}

void FindingQueue::take(std::vector<Finding>& batch) {
    {
        const std::scoped_lock lock(mutex_);
        std::swap(lanes_, taken_);
        count_ = 0;
    }
    batch.clear();
    for (std::vector<Finding>& lane : taken_) {
        batch.insert(
            batch.end(), std::make_move_iterator(lane.begin()), std::make_move_iterator(lane.end())
        );
        lane.clear();
    }
}

FindingQueue::Counts FindingQueue::counts() const {
    const std::scoped_lock lock(mutex_);
    return counts_;
}

}  // namespace phantom::respond
