#include "daemon/route_plan.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace phantom::daemon {
namespace {

wire::Prefix prefix(const char* text) {
    return wire::Prefix::parse(text).value();
}

const wire::Prefix kOffice = prefix("192.168.7.0/24");
const wire::Prefix kInternet = prefix("0.0.0.0/0");

crypto::PublicKey key(std::uint8_t number) {
    return {number};
}

RouteMember router(const char* name, std::uint8_t number, bool linked = true) {
    return {
        .name = name,
        .key = key(number),
        .offers_subnets = true,
        .offers_exit = true,
        .linked = linked,
    };
}

// "amber", with two routers of one network, and an exit.
RouteSituation situation() {
    RouteSituation made;
    made.self = "amber";
    made.routes = {{kOffice, {"birch", "cedar"}}, {kInternet, {"cedar"}}};
    made.members = {router("birch", 1), router("cedar", 2)};
    made.overlay = {prefix("100.64.0.0/10"), prefix("fd5e:8c21:c04d::/64")};
    return made;
}

RouteView view_of(const RoutePlan& plan, const std::string& network, const std::string& via) {
    for (const RouteView& view : plan.views) {
        if (view.prefix == network && view.via == via) {
            return view;
        }
    }
    return {};
}

TEST(RoutePlan, takes_the_first_router_that_is_there) {
    const RoutePlan plan = plan_routes(situation());
    const std::vector office{kOffice};
    ASSERT_EQ(plan.allowed.size(), 1);
    EXPECT_EQ(plan.allowed.at(key(1)), office);
    EXPECT_EQ(plan.routed, office);
    EXPECT_TRUE(plan.carried.empty());
    EXPECT_FALSE(plan.exit_chosen);
    EXPECT_EQ(view_of(plan, "192.168.7.0/24", "birch").state, RouteState::kActive);
    EXPECT_EQ(view_of(plan, "192.168.7.0/24", "cedar").state, RouteState::kStandby);
}

TEST(RoutePlan, goes_over_to_the_next_and_back) {
    RouteSituation now = situation();
    now.members[0].linked = false;
    const RoutePlan over = plan_routes(now);
    ASSERT_EQ(over.allowed.size(), 1);
    EXPECT_TRUE(over.allowed.contains(key(2)));
    EXPECT_EQ(view_of(over, "192.168.7.0/24", "birch").state, RouteState::kOffline);
    now.members[0].linked = true;
    EXPECT_TRUE(plan_routes(now).allowed.contains(key(1)));
}

TEST(RoutePlan, keeps_packets_for_a_network_whose_routers_are_all_away) {
    RouteSituation now = situation();
    now.members[0].linked = now.members[1].linked = false;
    const RoutePlan plan = plan_routes(now);
    EXPECT_EQ(plan.routed, std::vector{kOffice});
    EXPECT_EQ(view_of(plan, "192.168.7.0/24", "birch").state, RouteState::kOffline);
}

TEST(RoutePlan, needs_the_policy_and_the_routers_own_word) {
    RouteSituation now = situation();
    now.members[0].offers_subnets = false;
    now.members[1].offers_subnets = false;
    RoutePlan plan = plan_routes(now);
    EXPECT_TRUE(plan.allowed.empty());
    EXPECT_TRUE(plan.routed.empty());
    EXPECT_NE(
        view_of(plan, "192.168.7.0/24", "birch").reason.find("does not offer"), std::string::npos
    );
    now = situation();
    now.routes.clear();
    plan = plan_routes(now);
    EXPECT_TRUE(plan.allowed.empty());
    EXPECT_NE(view_of(plan, "subnets", "birch").reason.find("does not name"), std::string::npos);
    EXPECT_EQ(view_of(plan, "exit", "cedar").state, RouteState::kUnused);
}

TEST(RoutePlan, says_who_is_named_and_no_member) {
    RouteSituation now = situation();
    now.members.clear();
    const RoutePlan plan = plan_routes(now);
    EXPECT_EQ(view_of(plan, "192.168.7.0/24", "birch").reason, "no member has this name");
    EXPECT_TRUE(plan.routed.empty());
}

TEST(RoutePlan, uses_an_exit_only_when_chosen) {
    RouteSituation now = situation();
    now.wishes.exit = "cedar";
    RoutePlan plan = plan_routes(now);
    EXPECT_TRUE(plan.exit_chosen);
    EXPECT_EQ(plan.allowed.at(key(2)), std::vector{kInternet});
    EXPECT_EQ(view_of(plan, "0.0.0.0/0", "cedar").state, RouteState::kActive);
    now.wishes.exit = "birch";  // not named as one
    plan = plan_routes(now);
    EXPECT_TRUE(plan.exit_chosen) << "nothing leaves by another way";
    EXPECT_FALSE(plan.allowed.contains(key(2)));
    EXPECT_EQ(view_of(plan, "exit", "birch").state, RouteState::kUnused);
    EXPECT_TRUE(std::ranges::any_of(plan.views, [](const RouteView& view) {
        return view.via == "birch" && view.state == RouteState::kOffline;
    }));
}

TEST(RoutePlan, keeps_the_exit_that_is_away) {
    RouteSituation now = situation();
    now.wishes.exit = "cedar";
    now.members[1].linked = false;
    const RoutePlan plan = plan_routes(now);
    EXPECT_TRUE(plan.exit_chosen);
    EXPECT_TRUE(plan.allowed.contains(key(2)));
    EXPECT_EQ(view_of(plan, "0.0.0.0/0", "cedar").state, RouteState::kOffline);
}

TEST(RoutePlan, carries_what_is_named_and_offered_here) {
    RouteSituation now = situation();
    now.self = "birch";
    now.members = {router("amber", 3), router("cedar", 2)};
    RoutePlan plan = plan_routes(now);
    EXPECT_TRUE(plan.carried.empty());
    EXPECT_EQ(plan.routed, std::vector{kOffice}) << "through cedar, as it offers";
    ASSERT_TRUE(now.wishes.offer("192.168.7.0/24"));
    ASSERT_TRUE(now.wishes.offer("10.0.0.0/8"));
    plan = plan_routes(now);
    EXPECT_EQ(plan.carried, std::vector{kOffice});
    EXPECT_TRUE(plan.routed.empty());
    EXPECT_EQ(view_of(plan, "192.168.7.0/24", "birch").state, RouteState::kCarried);
    EXPECT_EQ(view_of(plan, "192.168.7.0/24", "cedar").state, RouteState::kStandby);
    EXPECT_EQ(view_of(plan, "10.0.0.0/8", "birch").state, RouteState::kUnused);
}

TEST(RoutePlan, never_routes_the_mesh_itself_or_half_the_internet) {
    RouteSituation now = situation();
    for (const char* each :
         {"100.64.0.0/10", "100.64.1.0/24", "fd5e:8c21:c04d::/48", "0.0.0.0/1", "128.0.0.0/1",
          "2000::/3", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/8", "fe80::/64", "ff02::/16"}) {
        now.routes = {{prefix(each), {"birch"}}};
        const RoutePlan plan = plan_routes(now);
        EXPECT_TRUE(plan.allowed.empty()) << each;
        EXPECT_TRUE(plan.routed.empty()) << each;
        ASSERT_FALSE(plan.views.empty()) << each;
        EXPECT_EQ(plan.views[0].state, RouteState::kUnused) << each;
    }
}

}  // namespace
}  // namespace phantom::daemon
