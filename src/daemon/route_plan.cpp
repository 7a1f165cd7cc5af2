#include "daemon/route_plan.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace phantom::daemon {

namespace {

constexpr std::array kStateTexts{"active", "offline", "standby", "carried", "unused"};

// What never leaves a machine or a link, and multicast, is nobody's to route.
bool is_special(const wire::Prefix& prefix) {
    static const std::array special{
        wire::Prefix::parse("0.0.0.0/8").value(),      wire::Prefix::parse("127.0.0.0/8").value(),
        wire::Prefix::parse("169.254.0.0/16").value(), wire::Prefix::parse("224.0.0.0/3").value(),
        wire::Prefix::parse("::/8").value(),           wire::Prefix::parse("fe80::/10").value(),
        wire::Prefix::parse("ff00::/8").value(),
    };
    return std::ranges::any_of(special, [&](const wire::Prefix& each) {
        return each.overlaps(prefix);
    });
}

std::optional<std::string> refusal_of(const wire::Prefix& prefix, const RouteSituation& situation) {
    if (is_default(prefix)) {
        return std::nullopt;
    }
    if (prefix.length < kSubnetLengthMin) {
        return fmt::format("wider than /{}, and no default route", kSubnetLengthMin);
    }
    if (is_special(prefix)) {
        return "not an address range that is routed";
    }
    const bool own = std::ranges::any_of(situation.overlay, [&](const wire::Prefix& each) {
        return each.overlaps(prefix);
    });
    return own ? std::optional<std::string>("it overlaps the mesh's own addresses") : std::nullopt;
}

class Planner {
  public:
    explicit Planner(const RouteSituation& situation) : situation_(situation) {}

    RoutePlan plan() && {
        for (const policy::Route& route : situation_.routes) {
            plan_route(route);
        }
        plan_.exit_chosen = !situation_.wishes.exit.empty();
        add_unnamed_offers();
        add_exit_problem();
        return std::move(plan_);
    }

  private:
    [[nodiscard]] const RouteMember* find(const std::string& name) const {
        const auto at = std::ranges::find(situation_.members, name, &RouteMember::name);
        return at == situation_.members.end() ? nullptr : &*at;
    }

    void show(
        const wire::Prefix& prefix, const std::string& via, RouteState state, std::string reason
    ) {
        plan_.views.push_back({prefix.to_string(), via, state, std::move(reason)});
    }

    // Why the router cannot be used, if so.
    [[nodiscard]] std::optional<std::string> problem_of(
        const wire::Prefix& prefix, const std::string& name
    ) const {
        const RouteMember* member = find(name);
        if (member == nullptr) {
            return "no member has this name";
        }
        if (is_default(prefix) ? !member->offers_exit : !member->offers_subnets) {
            return fmt::format(
                "named by the policy, but {} does not offer it ('phantom route offer {}' there)",
                name, is_default(prefix) ? "exit" : prefix.to_string()
            );
        }
        if (is_default(prefix) && situation_.wishes.exit != name) {
            return fmt::format("not chosen here ('phantom route use exit {}')", name);
        }
        return std::nullopt;
    }

    void plan_route(const policy::Route& route) {
        const auto refused = refusal_of(route.prefix, situation_);
        if (refused) {
            for (const std::string& name : route.nodes) {
                show(route.prefix, name, RouteState::kUnused, *refused);
            }
            return;
        }
        const bool carried = situation_.wishes.offers_prefix(route.prefix) &&
                             std::ranges::find(route.nodes, situation_.self) != route.nodes.end();
        const RouteMember* chosen = choose(route);
        for (const std::string& name : route.nodes) {
            if (name == situation_.self) {
                show_own(route.prefix, carried);
            } else if (auto problem = problem_of(route.prefix, name)) {
                show(route.prefix, name, RouteState::kUnused, std::move(*problem));
            } else if (carried) {
                show(route.prefix, name, RouteState::kStandby, "this node carries it itself");
            } else {
                show_usable(route.prefix, *find(name), *chosen);
            }
        }
        if (carried) {
            plan_.carried.push_back(route.prefix);
        } else if (chosen != nullptr) {
            plan_.allowed[chosen->key].push_back(route.prefix);
            plan_.routed.push_back(route.prefix);
        }
    }

    // The first in the policy's order that is there. Is none: the first that offers, so that packets
    // for the network wait for it instead of leaving in the clear.
    [[nodiscard]] const RouteMember* choose(const policy::Route& route) const {
        const RouteMember* chosen = nullptr;
        for (const std::string& name : route.nodes) {
            if (name == situation_.self || problem_of(route.prefix, name)) {
                continue;
            }
            const RouteMember* member = find(name);
            if (member->linked) {
                return member;
            }
            chosen = chosen == nullptr ? member : chosen;
        }
        return chosen;
    }

    void show_own(const wire::Prefix& prefix, bool carried) {
        if (carried) {
            show(prefix, situation_.self, RouteState::kCarried, "");
            return;
        }
        show(
            prefix, situation_.self, RouteState::kUnused,
            fmt::format(
                "named by the policy, but not offered here ('phantom route offer {}')",
                is_default(prefix) ? "exit" : prefix.to_string()
            )
        );
    }

    void show_usable(
        const wire::Prefix& prefix, const RouteMember& member, const RouteMember& chosen
    ) {
        const bool used = &member == &chosen;
        if (!member.linked) {
            show(
                prefix, member.name, RouteState::kOffline,
                used ? "not reachable now; packets for it are not sent elsewhere"
                     : "not reachable now"
            );
            return;
        }
        show(
            prefix, member.name, used ? RouteState::kActive : RouteState::kStandby,
            used ? "" : fmt::format("takes over when {} is offline", chosen.name)
        );
    }

    [[nodiscard]] bool names(const std::string& name, bool exit) const {
        return std::ranges::any_of(situation_.routes, [&](const policy::Route& route) {
            return is_default(route.prefix) == exit &&
                   std::ranges::find(route.nodes, name) != route.nodes.end();
        });
    }

    void add_unnamed_offers() {
        const auto add = [&](const std::string& prefix, const std::string& via) {
            plan_.views.push_back(
                {prefix, via, RouteState::kUnused, "offered, but the policy does not name it"}
            );
        };
        for (const wire::Prefix& prefix : situation_.wishes.offers) {
            const bool named =
                std::ranges::any_of(situation_.routes, [&](const policy::Route& route) {
                    return route.prefix == prefix &&
                           std::ranges::find(route.nodes, situation_.self) != route.nodes.end();
                });
            if (!named) {
                add(prefix.to_string(), situation_.self);
            }
        }
        if (situation_.wishes.offers_exit && !names(situation_.self, true)) {
            add("exit", situation_.self);
        }
        for (const RouteMember& member : situation_.members) {
            if (member.offers_subnets && !names(member.name, false)) {
                add("subnets", member.name);
            }
            if (member.offers_exit && !names(member.name, true)) {
                add("exit", member.name);
            }
        }
    }

    // An exit that was chosen and is not to be had closes the way out: said, so that nobody wonders.
    void add_exit_problem() {
        const std::string& exit = situation_.wishes.exit;
        const bool shown = std::ranges::any_of(plan_.routed, is_default);
        if (!exit.empty() && !shown) {
            plan_.views.push_back(
                {"exit", exit, RouteState::kOffline,
                 "chosen here, but not to be had; nothing leaves until it is, or 'phantom route "
                 "use "
                 "exit none'"}
            );
        }
    }

    const RouteSituation& situation_;
    RoutePlan plan_;
};

}  // namespace

const char* text_of(RouteState state) {
    return kStateTexts.at(static_cast<std::size_t>(state));
}

bool is_default(const wire::Prefix& prefix) {
    return prefix.length == 0;
}

RoutePlan plan_routes(const RouteSituation& situation) {
    return Planner(situation).plan();
}

}  // namespace phantom::daemon
