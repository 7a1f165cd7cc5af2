#pragma once

// Which networks are reached through which member, and what this node carries for others: decided from
// what the policy names, what members offer and who is there. Pure: no I/O, no memory of its own.
//
// A route needs both: the root's word (the policy names the router for the prefix) and the router's
// own (its descriptor says that it offers). Default routes need a third, the user's of each client.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "crypto/noise.h"
#include "daemon/route_wishes.h"
#include "policy/document.h"

namespace phantom::daemon {

// A shorter prefix that is no default route would be an exit node that nobody chose.
inline constexpr std::uint8_t kSubnetLengthMin = 8;

struct RouteMember {
    std::string name;
    crypto::PublicKey key{};
    bool offers_subnets = false;
    bool offers_exit = false;
    bool linked = false;
};

struct RouteSituation {
    std::string self;
    // As the policy has them; empty without a policy.
    std::vector<policy::Route> routes;
    std::vector<RouteMember> members;  // without ourselves
    // Ranges that no route may reach into: the mesh's own.
    std::vector<wire::Prefix> overlay;
    RouteWishes wishes;
};

enum class RouteState : std::uint8_t { kActive, kOffline, kStandby, kCarried, kUnused };
[[nodiscard]] const char* text_of(RouteState state);

// One router of one prefix, for people.
struct RouteView {
    std::string prefix;  // "-": a member that offers, and that the policy does not name
    std::string via;
    RouteState state = RouteState::kUnused;
    std::string reason;

    friend bool operator==(const RouteView&, const RouteView&) = default;
};

struct RoutePlan {
    // What each member may be the source of, and gets, beside its own addresses.
    std::map<crypto::PublicKey, std::vector<wire::Prefix>> allowed;
    // What the kernel gives to our interface.
    std::vector<wire::Prefix> routed;
    // Everything leaves through the mesh or not at all.
    bool exit_chosen = false;
    // What we forward and translate for others.
    std::vector<wire::Prefix> carried;
    std::vector<RouteView> views;
};

[[nodiscard]] bool is_default(const wire::Prefix& prefix);
[[nodiscard]] RoutePlan plan_routes(const RouteSituation& situation);

}  // namespace phantom::daemon
