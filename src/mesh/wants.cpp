#include "mesh/wants.h"

#include <algorithm>

namespace phantom::mesh {

bool Wants::offered(
    const identity::NodeId& node, std::uint64_t sequence, const identity::NodeId& by, Instant now
) {
    const auto known = wants_.find(node);
    if (known == wants_.end() && wants_.size() == kWantsMax) {
        return false;
    }
    Wanted& wanted = known == wants_.end() ? wants_[node] : known->second;
    if (wanted.sequence >= sequence && now < wanted.next) {
        if (wanted.others.size() < kOffersMax) {
            wanted.others.push_back(by);
        }
        return false;
    }
    wanted = {.sequence = sequence, .next = now + kWantPatience, .others = {}};
    deadline_ = std::min(deadline_, wanted.next);
    return true;
}

std::vector<Wants::Question> Wants::due(Instant now) {
    std::vector<Question> questions;
    if (now < deadline_) {
        return questions;
    }
    deadline_ = kFarFuture;
    for (auto at = wants_.begin(); at != wants_.end();) {
        Wanted& wanted = at->second;
        if (wanted.next <= now && wanted.others.empty()) {
            at = wants_.erase(at);
            continue;
        }
        if (wanted.next <= now) {
            questions.push_back({wanted.others.front(), at->first});
            wanted.others.erase(wanted.others.begin());
            wanted.next = now + kWantPatience;
        }
        deadline_ = std::min(deadline_, wanted.next);
        ++at;
    }
    return questions;
}

}  // namespace phantom::mesh
