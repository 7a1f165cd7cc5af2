#pragma once

// Routes at work on this machine: looks at the policy, the members and what the owner wants, plans
// (route_plan.h), and has the difference made: in the tunnel (MeshNode), in the kernel's routes
// (ClientRoutes), and in what it forwards for others (RouterRules). Thread: control.

#include <boost/json.hpp>

#include "daemon/client_routes.h"
#include "daemon/mesh_node.h"
#include "daemon/route_plan.h"
#include "daemon/router_rules.h"

namespace phantom::daemon {

// Between two looks at who is there.
inline constexpr Duration kRoutesInterval = std::chrono::milliseconds(500);
// What failed is tried again.
inline constexpr Duration kRoutesRetryInterval = std::chrono::seconds(10);

class RouteService {
  public:
    RouteService(MeshNode& node, dataplane::Tunnel& tunnel, int tun_fd);
    // Leaves the machine as it was.
    ~RouteService() { stop(); }
    RouteService(const RouteService&) = delete;
    RouteService& operator=(const RouteService&) = delete;

    // Undoes what a killed run left, then does what is wanted. None of it keeps a node from running.
    void start();
    void tick();
    void stop();

    // Members by which this node does not go to a prefix, whatever the policy says; replaces what was.
    struct Withdrawn {
        wire::Prefix prefix;
        identity::NodeId via;
    };
    void withdraw(std::vector<Withdrawn> withdrawn);
    // Whether the policy names the member as a router of the prefix.
    [[nodiscard]] bool names(const wire::Prefix& prefix, const std::string& member) const;

    // "route.list"; "route.offer" and "route.withdraw" with "what"; "route.use" with "exit".
    [[nodiscard]] boost::json::object answer(const boost::json::object& request);
    // For `phantom status`.
    [[nodiscard]] boost::json::array describe() const;

  private:
    [[nodiscard]] RouteSituation situation() const;
    void take_out_withdrawn(std::vector<policy::Route>& routes) const;
    [[nodiscard]] RouteMember member_of(const identity::MemberRecord& record) const;
    // Says what we offer, and makes what the plan says.
    void follow();
    [[nodiscard]] boost::json::object change(RouteWishes wishes);
    [[nodiscard]] boost::json::object list() const;
    void load();
    [[nodiscard]] std::optional<std::string> save() const;

    MeshNode& node_;
    dataplane::Tunnel& tunnel_;
    std::vector<wire::Prefix> overlay_;
    ClientRoutes client_;
    RouterRules router_;
    RouteWishes wishes_;
    std::vector<Withdrawn> withdrawn_;
    RoutePlan plan_;
    ClientWays ways_;                    // as last asked for
    std::vector<wire::Prefix> carried_;  // likewise
    std::optional<std::string> client_problem_;
    std::optional<std::string> router_problem_;
    Instant next_look_;
    Instant next_try_;
    bool stopped_ = false;
};

}  // namespace phantom::daemon
