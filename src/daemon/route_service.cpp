#include "daemon/route_service.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/log.h"
#include "daemon/control_server.h"
#include "daemon/json_fields.h"
#include "fields/fields.h"
#include "names/resolver.h"

namespace phantom::daemon {

namespace {

namespace json = boost::json;

constexpr const char* kWishesFile = "routes";

std::vector<wire::Prefix> overlay_of(const MeshNode& node) {
    const wire::Address own = node.mesh().self().descriptor.overlay_v6();
    return {names::overlay_v4(), wire::Prefix::of(own, identity::kOverlayV6PrefixLength)};
}

std::vector<wire::Address> own_addresses(const MeshNode& node) {
    const identity::MemberRecord& self = node.mesh().self();
    std::vector<wire::Address> own{self.descriptor.overlay_v6()};
    if (!self.certificate.overlay_v4.is_none()) {
        own.push_back(self.certificate.overlay_v4);
    }
    return own;
}

void tell(const char* what, const std::optional<std::string>& problem) {
    if (problem) {
        log::warning("{}: {}", what, *problem);
    }
}

}  // namespace

RouteService::RouteService(MeshNode& node, dataplane::Tunnel& tunnel, int tun_fd)
    : node_(node),
      tunnel_(tunnel),
      overlay_(overlay_of(node)),
      client_(
          node.files(), {.tun_fd = tun_fd,
                         .interface = node.state().membership.interface,
                         .own = own_addresses(node)}
      ),
      router_(node.files(), node.state().membership.interface, overlay_) {}

void RouteService::start() {
    client_.undo();
    router_.undo();
    wireguard::DeviceUpdate update;
    update.fwmark = kTunnelMark;
    if (const Status marked = tunnel_.apply(update); !marked) {
        log::error("the tunnel's mark: {}", marked.error().message());
    }
    load();
    follow();
}

void RouteService::stop() {
    if (!stopped_) {
        stopped_ = true;
        client_.undo();
        router_.undo();
    }
}

void RouteService::tick() {
    if (const Instant now = monotonic_now(); now >= next_look_) {
        next_look_ = now + kRoutesInterval;
        follow();
    }
}

// ---- From what there is to what is done ---------------------------------------------------------

RouteMember RouteService::member_of(const identity::MemberRecord& record) const {
    return {
        .name = record.certificate.name.text(),
        .key = record.descriptor.keys.wireguard,
        .offers_subnets = record.descriptor.has(identity::Capability::kSubnetRouter),
        .offers_exit = record.descriptor.has(identity::Capability::kExit),
        .linked = node_.mesh().is_reachable(record.descriptor.node, monotonic_now()),
    };
}

void RouteService::take_out_withdrawn(std::vector<policy::Route>& routes) const {
    for (const Withdrawn& each : withdrawn_) {
        const auto* member = node_.mesh().directory().find_known(each.via);
        if (member == nullptr) {
            continue;
        }
        for (policy::Route& route : routes) {
            if (route.prefix == each.prefix) {
                std::erase(route.nodes, member->certificate.name.text());
            }
        }
    }
    std::erase_if(routes, [](const policy::Route& route) { return route.nodes.empty(); });
}

void RouteService::withdraw(std::vector<Withdrawn> withdrawn) {
    withdrawn_ = std::move(withdrawn);
    follow();
}

bool RouteService::names(const wire::Prefix& prefix, const std::string& member) const {
    const policy::CompiledPolicy* policy = node_.policy();
    return policy != nullptr &&
           std::ranges::any_of(policy->routes(), [&](const policy::Route& route) {
               return route.prefix == prefix &&
                      std::ranges::find(route.nodes, member) != route.nodes.end();
           });
}

RouteSituation RouteService::situation() const {
    const mesh::Node& mesh = node_.mesh();
    RouteSituation situation;
    situation.self = mesh.self().certificate.name.text();
    situation.overlay = overlay_;
    situation.wishes = wishes_;
    std::set<std::string> named;
    if (node_.policy() != nullptr) {
        situation.routes = node_.policy()->routes();
        take_out_withdrawn(situation.routes);
        for (const policy::Route& route : situation.routes) {
            named.insert(route.nodes.begin(), route.nodes.end());
        }
    }
    for (const auto& [id, record] : mesh.directory().members()) {
        const bool offers = record.descriptor.has(identity::Capability::kSubnetRouter) ||
                            record.descriptor.has(identity::Capability::kExit);
        const bool matters = offers || named.contains(record.certificate.name.text());
        if (matters && record.certificate.node != mesh.self().certificate.node) {
            situation.members.push_back(member_of(record));
        }
    }
    return situation;
}

void RouteService::follow() {
    using enum identity::Capability;
    // No news to anybody when it is as it was.
    (void)node_.offer(kSubnetRouter, !wishes_.offers.empty());
    (void)node_.offer(kExit, wishes_.offers_exit);
    RoutePlan plan = plan_routes(situation());
    if (plan.allowed != plan_.allowed) {
        node_.give_routes(plan.allowed);
    }
    const Instant now = monotonic_now();
    const bool again = (client_problem_ || router_problem_) && now >= next_try_;
    if (again) {
        next_try_ = now + kRoutesRetryInterval;
    }
    ClientWays ways{.routed = plan.routed, .exit_chosen = plan.exit_chosen};
    if (ways != ways_ || (client_problem_ && again)) {
        client_problem_ = client_.apply(ways);
        tell("routes", client_problem_);
        ways_ = std::move(ways);
    }
    if (plan.carried != carried_ || (router_problem_ && again)) {
        router_problem_ = router_.apply(plan.carried);
        tell("routing for others", router_problem_);
        carried_ = plan.carried;
    }
    plan_ = std::move(plan);
}

// ---- What the owner wants -----------------------------------------------------------------------

void RouteService::load() {
    if (!node_.files().has(kWishesFile)) {
        return;
    }
    const auto bytes = node_.files().read(kWishesFile, kRouteWishesSizeMax);
    if (!bytes) {
        log::error("{}: {}", kWishesFile, bytes.error().message());
        return;
    }
    auto wishes = RouteWishes::parse(
        {reinterpret_cast<const char*>(bytes->view().data()), bytes->view().size()}
    );
    if (!wishes) {
        log::error("{}: {}; no routes are offered or used", kWishesFile, wishes.error());
        return;
    }
    wishes_ = std::move(*wishes);
}

std::optional<std::string> RouteService::save() const {
    const std::string text = wishes_.text();
    const auto saved = node_.files().write(
        kWishesFile, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}
    );
    return saved ? std::nullopt : std::optional(saved.error().message());
}

json::object RouteService::change(RouteWishes wishes) {
    wishes_ = std::move(wishes);
    const auto problem = save();
    follow();
    if (problem) {
        return control_error("refused", "done, but for this run only: " + *problem);
    }
    return list();
}

json::object RouteService::answer(const json::object& request) {
    const std::string verb = fields::text_at(request, "verb");
    RouteWishes wishes = wishes_;
    if (verb == "route.list") {
        return list();
    }
    if (verb == "route.offer" || verb == "route.withdraw") {
        const std::string what = fields::text_at(request, "what");
        const auto done = verb == "route.offer" ? wishes.offer(what) : wishes.withdraw(what);
        return done ? change(std::move(wishes)) : control_error("bad_request", done.error());
    }
    if (verb == "route.use") {
        const std::string exit = fields::text_at(request, "exit");
        if (exit == "none") {
            wishes.exit.clear();
            return change(std::move(wishes));
        }
        if (exit.empty() || node_.mesh().directory().find_name(exit) == nullptr) {
            return control_error("not_found", "no member is called '" + exit + "'");
        }
        wishes.exit = exit;
        return change(std::move(wishes));
    }
    return control_error("unknown_verb", "route.list, route.offer, route.withdraw or route.use");
}

json::array RouteService::describe() const {
    json::array routes;
    for (const RouteView& view : plan_.views) {
        const bool failed = view.state == RouteState::kCarried && router_problem_.has_value();
        routes.push_back({
            {"prefix", view.prefix},
            {"via", view.via},
            {"state", failed ? "failed" : text_of(view.state)},
            {"reason", failed ? *router_problem_ : view.reason},
        });
    }
    return routes;
}

json::object RouteService::list() const {
    json::array offers;
    for (const wire::Prefix& prefix : wishes_.offers) {
        offers.emplace_back(prefix.to_string());
    }
    if (wishes_.offers_exit) {
        offers.emplace_back("exit");
    }
    return {
        {"schema", "phantom.routes/1"},
        {"routes", describe()},
        {"offers", std::move(offers)},
        {"exit", wishes_.exit.empty() ? json::value(nullptr) : json::value(wishes_.exit)},
        {"problem", or_null(client_problem_ ? client_problem_ : router_problem_)},
    };
}

}  // namespace phantom::daemon
