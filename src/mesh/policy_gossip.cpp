#include "mesh/policy_gossip.h"

#include <algorithm>

namespace phantom::mesh {

Result<bool> PolicyGossip::take(const identity::PolicyRecord& policy) {
    if (policy.sequence <= sequence()) {
        return false;  // nothing new, so the signature is not worth its price
    }
    PM_TRY(policy.verify(root_));
    encoded_ = PM_TRY(policy.encode());
    policy_ = policy;
    return true;
}

std::optional<AnyMessage> PolicyGossip::due(Neighbour& neighbour, Instant now) const {
    if (neighbour.sequence >= sequence() || now < neighbour.next) {
        return std::nullopt;
    }
    neighbour.next = now + neighbour.interval;
    neighbour.interval = std::min<Duration>(neighbour.interval * 2, kPolicyRepeatMax);
    return Policy{encoded_};
}

}  // namespace phantom::mesh
