#include "daemon/remedy_switches.h"

#include <algorithm>

namespace phantom::daemon {

namespace {

using remedy::Executor;
using remedy::Target;

bool is_rekey(const Target& target) {
    return target.executor == Executor::kTunnel && target.option == remedy::kRekey;
}

}  // namespace

remedy::MemberId member_id(const identity::NodeId& node) {
    return {.bytes = node.bytes};
}

identity::NodeId node_id(const remedy::MemberId& member) {
    identity::NodeId node;
    node.bytes = member.bytes;
    return node;
}

Status RemedySwitches::check(const Target& target) {
    const remedy::MemberId* member = remedy::member_of(target);
    const identity::MemberRecord* record =
        member == nullptr ? nullptr : node_.mesh().directory().find_known(node_id(*member));
    if (record == nullptr) {
        return fail(remedy::RemedyError::kUnknownMember);
    }
    const auto* route = std::get_if<remedy::MemberRoute>(&target.key);
    if (route != nullptr && !routes_.names(route->prefix, record->certificate.name.text())) {
        return fail(remedy::RemedyError::kBadTarget);
    }
    return {};
}

MeshNode::Restriction RemedySwitches::restriction_of(const remedy::MemberId& member) const {
    MeshNode::Restriction restriction;
    for (const Target& target : on_) {
        const auto* id = std::get_if<remedy::MemberId>(&target.key);
        if (id == nullptr || *id != member || is_rekey(target)) {
            continue;
        }
        std::uint64_t& rate = restriction.bytes_per_s;
        switch (target.executor) {
            case Executor::kIsolation:
                rate = 0;
                break;
            case Executor::kRateLimit:
                rate = std::min<std::uint64_t>(rate, target.option);
                break;
            case Executor::kCredential:
                restriction.is_barred = true;
                restriction.is_suspended = true;
                break;
            case Executor::kTunnel:
                restriction.is_barred = true;
                break;
            case Executor::kFirewall:
            case Executor::kRoute:
                break;
        }
    }
    return restriction;
}

void RemedySwitches::withdraw_routes() {
    std::vector<RouteService::Withdrawn> withdrawn;
    for (const Target& target : on_) {
        if (const auto* route = std::get_if<remedy::MemberRoute>(&target.key)) {
            withdrawn.push_back({route->prefix, node_id(route->via)});
        }
    }
    routes_.withdraw(std::move(withdrawn));
}

Status RemedySwitches::set(const Target& target, bool in_force) {
    const bool is_new = in_force ? on_.insert(target).second : on_.erase(target) > 0;
    if (std::holds_alternative<remedy::MemberRoute>(target.key)) {
        withdraw_routes();
        return {};
    }
    const remedy::MemberId& member = *remedy::member_of(target);
    if (is_rekey(target)) {
        if (is_new && in_force) {
            (void)node_.rekey(node_id(member)
            );  // without a session the next one has new keys anyway
        }
        return {};
    }
    node_.restrict(node_id(member), restriction_of(member));
    return {};
}

bool RemedySwitches::is_set(const Target& target) {
    if (!on_.contains(target)) {
        return false;
    }
    const auto* member = std::get_if<remedy::MemberId>(&target.key);
    return member == nullptr || is_rekey(target) || node_.obeys(node_id(*member));
}

}  // namespace phantom::daemon
