#include "remedy/firewall_table.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace phantom::remedy {

namespace {

// NFPROTO_IPV4 and NFPROTO_IPV6; their header and the C library's do not go together.
constexpr std::array<std::uint8_t, 2> kProtocols{2, 10};

std::string limited_set(wire::Family family, std::uint32_t rate) {
    return std::string(family == wire::Family::kV4 ? "limited_v4_" : "limited_v6_") +
           std::to_string(rate);
}

std::string add(const std::string& what) {
    return "add " + what + "\n";
}

std::string address_sets() {
    const std::string shape = "flags timeout; size 131072; ";
    std::string text = add("set inet phantommesh blocked_v4 { type ipv4_addr; " + shape + "}") +
                       add("set inet phantommesh blocked_v6 { type ipv6_addr; " + shape + "}");
    for (const std::uint32_t rate : kRates) {
        for (const auto& [family, type] :
             {std::pair{wire::Family::kV4, "ipv4_addr"}, std::pair{wire::Family::kV6, "ipv6_addr"}
             }) {
            text += add(fmt::format(
                "set inet phantommesh {} {{ type {}; {}limit rate over {} bytes/second; }}",
                limited_set(family, rate), type, shape, rate
            ));
        }
    }
    return text;
}

std::string guard_rules() {
    const std::string rule = "rule inet phantommesh guard ";
    std::string text = add("chain inet phantommesh guard { type filter hook prerouting priority "
                           "raw; policy accept; }") +
                       "flush chain inet phantommesh guard\n" +
                       add(rule + "ip saddr @blocked_v4 counter drop") +
                       add(rule + "ip6 saddr @blocked_v6 counter drop");
    for (const std::uint32_t rate : kRates) {
        text += add(rule + "ip saddr @" + limited_set(wire::Family::kV4, rate) + " counter drop");
        text += add(rule + "ip6 saddr @" + limited_set(wire::Family::kV6, rate) + " counter drop");
    }
    return text;
}

template <class List, class Text>
std::string fill(const char* set, const List& list, Text text) {
    std::string elements;
    for (const auto& each : list) {
        if (const std::string one = text(each); !one.empty()) {
            elements += (elements.empty() ? "" : ", ") + one;
        }
    }
    const std::string name = std::string("inet phantommesh ") + set;
    return "flush set " + name + "\n" +
           (elements.empty() ? "" : add("element " + name + " { " + elements + " }"));
}

std::string management_sets(const Management& management) {
    const auto of = [](wire::Family family) {
        return [family](const wire::Address& address) {
            return address.family == family ? address.to_string() : std::string();
        };
    };
    const auto bounded = [](auto list) {
        list.resize(std::min(list.size(), kManagementMax));
        return list;
    };
    const auto addresses = bounded(management.addresses);
    return add("set inet phantommesh management_v4 { type ipv4_addr; }") +
           add("set inet phantommesh management_v6 { type ipv6_addr; }") +
           add("set inet phantommesh management_ports { type inet_service; }") +
           fill("management_v4", addresses, of(wire::Family::kV4)) +
           fill("management_v6", addresses, of(wire::Family::kV6)) +
           fill("management_ports", bounded(management.udp_ports), [](std::uint16_t port) {
               return std::to_string(port);
           });
}

// One direction of this machine's own packets. `self` is the end of a packet that is here.
std::string quarantine_chain(
    const std::string& hook, const std::string& self, const std::string& other,
    const std::string& lo
) {
    const std::string chain = "inet phantommesh quarantine_" + hook;
    const std::string rule = "rule " + chain + " ";
    return add("chain " + chain + " { type filter hook " + hook + " priority -10; policy accept; }"
           ) +
           "flush chain " + chain + "\n" + add(rule + "meta nfproto != @quarantine accept") +
           add(rule + lo + " \"lo\" accept") +
           add(rule + "udp " + self + " @management_ports accept") +
           add(rule + "ip " + other + " @management_v4 accept") +
           add(rule + "ip6 " + other + " @management_v6 accept") +
           add(rule + "udp dport { 67, 68, 546, 547 } accept") +
           add(rule +
               "icmpv6 type { nd-router-solicit, nd-router-advert, nd-neighbor-solicit, "
               "nd-neighbor-advert } accept");
}

std::string quarantine_rules(const Management& management) {
    const std::string end = " counter drop";
    std::string text =
        add("set inet phantommesh quarantine { typeof meta nfproto; flags timeout; }") +
        management_sets(management) + quarantine_chain("input", "dport", "saddr", "iifname") +
        add("rule inet phantommesh quarantine_input" + end) +
        quarantine_chain("output", "sport", "daddr", "oifname");
    if (management.mark != 0) {
        text +=
            add("rule inet phantommesh quarantine_output meta mark " +
                std::to_string(management.mark) + " accept");
    }
    return text + add("rule inet phantommesh quarantine_output" + end) +
           add("chain inet phantommesh quarantine_forward { type filter hook forward priority -10; "
               "policy accept; }") +
           "flush chain inet phantommesh quarantine_forward\n" +
           add("rule inet phantommesh quarantine_forward meta nfproto @quarantine" + end);
}

}  // namespace

std::string table_commands(const Management& management) {
    return add("table inet phantommesh") + address_sets() + quarantine_rules(management) +
           guard_rules();
}

std::size_t rules_in(const std::string& commands) {
    static constexpr std::string_view kAddRule = "add rule ";
    std::size_t count = 0;
    for (std::size_t at = commands.find(kAddRule); at != std::string::npos;
         at = commands.find(kAddRule, at + 1)) {
        ++count;
    }
    return count;
}

bool is_firewalls(const Target& target) {
    const bool is_address = target.kind() == KeyKind::kAddress;
    return (is_address && target.executor != Executor::kRoute) ||
           (target.executor == Executor::kIsolation && target.kind() == KeyKind::kHost);
}

std::vector<NftPlace> places_of(const Target& target) {
    std::vector<NftPlace> places;
    if (target.kind() == KeyKind::kHost) {
        for (const std::uint8_t protocol : kProtocols) {
            places.push_back({kQuarantine, NftKey::of(protocol)});
        }
    } else if (const auto* address = std::get_if<wire::Address>(&target.key)) {
        const bool is_v4 = address->family == wire::Family::kV4;
        places.push_back({
            target.executor == Executor::kRateLimit ? limited_set(address->family, target.option)
            : is_v4                                 ? kBlockedV4
                                                    : kBlockedV6,
            NftKey::of(*address),
        });
    }
    return places;
}

const std::vector<FirewallSet>& firewall_sets() {
    static const std::vector<FirewallSet> sets_of_table = [] {
        std::vector<FirewallSet> sets{
            {kBlockedV4, Executor::kFirewall, 0},
            {kBlockedV6, Executor::kFirewall, 0},
            {kQuarantine, Executor::kIsolation, 0},
        };
        for (const std::uint32_t rate : kRates) {
            sets.push_back({limited_set(wire::Family::kV4, rate), Executor::kRateLimit, rate});
            sets.push_back({limited_set(wire::Family::kV6, rate), Executor::kRateLimit, rate});
        }
        return sets;
    }();
    return sets_of_table;
}

Target target_of(const FirewallSet& set, const NftKey& key) {
    Target target{.executor = set.executor, .key = Host{}, .option = set.option};
    if (set.executor != Executor::kIsolation) {
        target.key = key.size == 4 ? wire::Address::v4(key.bytes.data())
                                   : wire::Address::v6(key.bytes.data());
    }
    return target;
}

}  // namespace phantom::remedy
