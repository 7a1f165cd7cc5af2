#include "mesh/carried_links.h"

#include <algorithm>
#include <tuple>

namespace phantom::mesh {

void CarriedLinks::tick(std::span<const Member> members, Instant now, Output& out) {
    forget(members, out);
    std::vector<const Member*> wanted;
    for (const Member& member : members) {
        follow(member, now, out);
        if (may_call(member, now)) {
            wanted.push_back(&member);
        }
    }
    // Who is not reached at all, then who leads to others, then who has failed least.
    std::ranges::sort(wanted, {}, [this](const Member* each) {
        return std::tuple(each->way, !each->relay, links_[each->node].failures, each->node);
    });
    for (const Member* member : wanted) {
        const std::size_t calling = count(State::kCalling);
        if (calling >= kCarriedCallsMax || calling + count(State::kOpen) >= kCarriedMax) {
            return;
        }
        Link& link = links_[member->node];
        link.state = State::kCalling;
        out.calls.push_back({member->node, member->places[link.calls++ % member->places.size()]});
    }
}

void CarriedLinks::forget(std::span<const Member> members, Output& out) {
    std::erase_if(links_, [&](const auto& each) {
        const bool gone = std::ranges::find(members, each.first, &Member::node) == members.end();
        if (gone && each.second.state != State::kIdle) {
            out.hang_ups.push_back(each.first);
        }
        return gone;
    });
}

void CarriedLinks::follow(const Member& member, Instant now, Output& out) {
    Link& link = links_[member.node];
    if (member.way == Way::kDirect) {
        hasty_ = false;
        link.missed_since = {};
        link.direct_since = link.direct_since.is_never() ? now : link.direct_since;
        if (link.state != State::kIdle && now - link.direct_since >= kCarriedLinger) {
            link.state = State::kIdle;
            link.failures = 0;
            link.next_call = {};
            out.hang_ups.push_back(member.node);
        }
        return;
    }
    link.direct_since = {};
    if (member.way == Way::kCarried) {
        link.missed_since = {};
    } else if (link.missed_since.is_never()) {
        link.missed_since = now;
    }
}

bool CarriedLinks::may_call(const Member& member, Instant now) const {
    const Link& link = links_.at(member.node);
    const Duration patience = hasty_ ? Duration(0) : Duration(kUdpPatience);
    return link.state == State::kIdle && !member.places.empty() && !link.missed_since.is_never() &&
           now - link.missed_since >= patience && now >= link.next_call;
}

std::size_t CarriedLinks::count(State state) const {
    return static_cast<std::size_t>(std::ranges::count_if(links_, [state](const auto& each) {
        return each.second.state == state;
    }));
}

void CarriedLinks::opened(const identity::NodeId& node) {
    if (const auto at = links_.find(node); at != links_.end()) {
        at->second.state = State::kOpen;
    }
}

// One that was open may have been cut off for what it did not say: a failure as well.
void CarriedLinks::ended(const identity::NodeId& node, Instant now) {
    const auto at = links_.find(node);
    if (at == links_.end() || at->second.state == State::kIdle) {
        return;
    }
    Link& link = at->second;
    link.state = State::kIdle;
    constexpr std::uint32_t kDoublingsMax = 10;
    const Duration pause = kCallAgainFirst * (1U << std::min(link.failures, kDoublingsMax));
    link.next_call = now + std::min(pause, Duration(kCallAgainMax));
    ++link.failures;
}

}  // namespace phantom::mesh
