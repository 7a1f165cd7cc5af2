#include "daemon/router_rules.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/log.h"
#include "io/command.h"

namespace phantom::daemon {

namespace {

constexpr const char* kRouterJournalFile = "routes.router";

bool is_v4(const wire::Prefix& prefix) {
    return prefix.address.family == wire::Family::kV4;
}

// "ip daddr { 192.168.7.0/24, 10.1.0.0/16 }", for one family; where one is a default route, all of it.
std::string match(const std::vector<wire::Prefix>& prefixes, bool v4, const char* field) {
    std::string list;
    for (const wire::Prefix& prefix : prefixes) {
        if (is_v4(prefix) != v4) {
            continue;
        }
        if (prefix.length == 0) {
            return fmt::format("meta nfproto {}", v4 ? "ipv4" : "ipv6");
        }
        list += (list.empty() ? "" : ", ") + prefix.to_string();
    }
    return list.empty() ? "" : fmt::format("{} {} {{ {} }}", v4 ? "ip" : "ip6", field, list);
}

std::string drop_router_table() {
    return fmt::format("add table inet {0}\ndelete table inet {0}\n", kRouterTable);
}

}  // namespace

std::string router_rules(
    const std::string& interface, const std::vector<wire::Prefix>& overlay,
    const std::vector<wire::Prefix>& carried
) {
    const std::string in = fmt::format("iifname \"{0}\" oifname != \"{0}\"", interface);
    const std::string out = fmt::format("iifname != \"{0}\" oifname \"{0}\"", interface);
    std::string forward = "ct state established,related accept\n";
    std::string translate;
    for (const bool v4 : {true, false}) {
        const std::string to = match(carried, v4, "daddr");
        if (to.empty()) {
            continue;
        }
        forward += fmt::format("{} {} accept\n", in, to);
        forward += fmt::format("{} {} accept\n", out, match(carried, v4, "saddr"));
        translate += fmt::
            format("{} {} oifname != \"{}\" masquerade\n", match(overlay, v4, "saddr"), to, interface);
    }
    forward += in + " drop\n" + out + " drop\n";
    return drop_router_table() +
           fmt::format(
               "table inet {} {{\n"
               "chain forward {{\ntype filter hook forward priority 0; policy accept;\n{}}}\n"
               "chain postrouting {{\ntype nat hook postrouting priority 100; policy "
               "accept;\n{}}}\n"
               "}}\n",
               kRouterTable, forward, translate
           );
}

RouterRules::RouterRules(
    identity::StateDirectory& files, std::string interface, std::vector<wire::Prefix> overlay
)
    : journal_(files, kRouterJournalFile),
      interface_(std::move(interface)),
      overlay_(std::move(overlay)) {}

std::optional<std::string> RouterRules::apply(const std::vector<wire::Prefix>& carried) {
    undo();
    if (carried.empty()) {
        return std::nullopt;
    }
    const bool v4 = std::ranges::any_of(carried, is_v4);
    const bool v6 = !std::ranges::all_of(carried, is_v4);
    // The journal, then the rules, and only then forwarding: at no moment is more forwarded than that.
    auto problem = journal_.set({}, {});
    if (!problem && !io::run_command({"nft", router_rules(interface_, overlay_, carried)})) {
        problem = "'nft' failed; is nftables installed?";
    }
    if (!problem) {
        problem = forward(v4, v6);
    }
    if (problem) {
        undo();
    }
    return problem;
}

std::optional<std::string> RouterRules::forward(bool v4, bool v6) {
    std::vector<std::string> touched;
    std::vector<SysctlJournal::Setting> settings;
    const auto touch = [&](const std::vector<std::string>& names) {
        touched.insert(touched.end(), names.begin(), names.end());
    };
    if (v4 && journal_.value_of("ipv4/ip_forward") != "1") {
        // The switch for all sets each interface's, and takes redirects for all away.
        touch(journal_.each_of("ipv4/conf", "forwarding"));
        touch({"ipv4/conf/all/accept_redirects"});
        settings.push_back({"ipv4/ip_forward", "1"});
    }
    if (v6 && journal_.value_of("ipv6/conf/all/forwarding") != "1") {
        touch(journal_.each_of("ipv6/conf", "forwarding"));
        const auto accepting = journal_.each_of("ipv6/conf", "accept_ra");
        touch(accepting);
        // Who forwards does not hear router advertisements any more, unless told to: without this the
        // machine would lose the way out that it has from them.
        for (const std::string& name : accepting) {
            if (journal_.value_of(name) == "1") {
                settings.push_back({name, "2"});
            }
        }
        settings.push_back({"ipv6/conf/all/forwarding", "1"});
    }
    return journal_.set(touched, settings);
}

void RouterRules::undo() {
    if (!journal_.pending()) {
        return;
    }
    // Forwarding first: it ends before what bounds it.
    journal_.undo();
    if (!io::run_command({"nft", drop_router_table()})) {
        log::warning("nft: the table inet {} could not be taken away", kRouterTable);
    }
}

}  // namespace phantom::daemon
