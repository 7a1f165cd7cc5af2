#include "daemon/client_routes.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/log.h"
#include "io/command.h"
#include "io/routing.h"

namespace phantom::daemon {

namespace {

constexpr const char* kClientJournalFile = "routes.client";
constexpr std::array kFamilies{wire::Family::kV4, wire::Family::kV6};

std::array<io::Rule, 2> rules_of(wire::Family family) {
    io::Rule attached;
    attached.family = family;
    attached.priority = kRulePriority;
    attached.but_default = true;
    io::Rule ours;
    ours.family = family;
    ours.priority = kRulePriority + 1;
    ours.table = kRouteTable;
    ours.unless_mark = kTunnelMark;
    return {attached, ours};
}

std::string drop_client_table() {
    return fmt::format("add table inet {0}\ndelete table inet {0}\n", kExitTable);
}

}  // namespace

std::string exit_rules(const std::string& interface, const std::vector<wire::Address>& own) {
    std::string closed;
    for (const wire::Address& address : own) {
        closed += fmt::format(
            "iifname != \"{}\" {} daddr {} fib saddr type != local drop\n", interface,
            address.family == wire::Family::kV4 ? "ip" : "ip6", address.to_string()
        );
    }
    return drop_client_table() +
           fmt::format(
               "table inet {0} {{\n"
               "chain closed {{\ntype filter hook prerouting priority -300; policy accept;\n{1}}}\n"
               "chain answers {{\ntype filter hook prerouting priority -150; policy accept;\n"
               "meta l4proto udp ct mark {2} meta mark set ct mark\n}}\n"
               "chain sent {{\ntype filter hook postrouting priority -150; policy accept;\n"
               "meta l4proto udp meta mark {2} ct mark set meta mark\n}}\n"
               "}}\n",
               kExitTable, closed, kTunnelMark
           );
}

ClientRoutes::ClientRoutes(identity::StateDirectory& files, Options options)
    : journal_(files, kClientJournalFile), options_(std::move(options)) {}

wire::Address ClientRoutes::source_for(wire::Family family) const {
    const auto at = std::ranges::find(options_.own, family, &wire::Address::family);
    return at == options_.own.end() ? wire::Address{} : *at;
}

// The rules, before any route; what is there of them may be from an earlier run.
std::optional<std::string> ClientRoutes::begin(bool exit_chosen) {
    std::vector<std::string> touched;
    std::vector<SysctlJournal::Setting> settings;
    if (exit_chosen) {
        touched.emplace_back("ipv4/conf/all/src_valid_mark");
        settings.push_back({"ipv4/conf/all/src_valid_mark", "1"});
    }
    auto problem = journal_.set(touched, settings);
    if (problem) {
        return problem;
    }
    if (exit_chosen && !io::run_command({"nft", exit_rules(options_.interface, options_.own)})) {
        problem = "'nft' failed: with a strict rp_filter the tunnel may not hear answers";
    }
    for (const wire::Family family : kFamilies) {
        for (const io::Rule& rule : rules_of(family)) {
            (void)io::remove_rule(options_.tun_fd, rule);
            const Status added = io::add_rule(options_.tun_fd, rule);
            if (!added && family == wire::Family::kV4) {
                return "no rule: " + added.error().message();
            }
        }
        // A machine without IPv6 has nothing to close there.
        if (exit_chosen) {
            (void)io::add_unreachable(options_.tun_fd, family, kRouteTable);
        }
    }
    return problem;
}

std::optional<std::string> ClientRoutes::apply(const ClientWays& ways) {
    const bool anew = ways.exit_chosen != applied_.exit_chosen || ways.none() || applied_.none();
    if (anew) {
        undo();
    }
    if (ways.none()) {
        return std::nullopt;
    }
    std::optional<std::string> problem;
    if (anew) {
        problem = begin(ways.exit_chosen);
    }
    for (const wire::Prefix& gone : applied_.routed) {
        if (std::ranges::find(ways.routed, gone) == ways.routed.end()) {
            (void)io::remove_route(options_.tun_fd, gone, kRouteTable);
        }
    }
    for (const wire::Prefix& prefix : ways.routed) {
        const Status added =
            io::add_route(options_.tun_fd, prefix, source_for(prefix.address.family), kRouteTable);
        if (!added) {
            problem =
                fmt::format("no route to {}: {}", prefix.to_string(), added.error().message());
        }
    }
    applied_ = ways;
    return problem;
}

void ClientRoutes::undo() {
    if (!journal_.pending()) {
        return;
    }
    for (const wire::Family family : kFamilies) {
        for (const io::Rule& rule : rules_of(family)) {
            (void)io::remove_rule(options_.tun_fd, rule);
        }
        (void)io::remove_unreachable(options_.tun_fd, family, kRouteTable);
    }
    for (const wire::Prefix& prefix : applied_.routed) {
        (void)io::remove_route(options_.tun_fd, prefix, kRouteTable);
    }
    (void)io::run_command({"nft", drop_client_table()});
    journal_.undo();
    applied_ = {};
}

}  // namespace phantom::daemon
