#include "daemon/netcheck.h"

#include <algorithm>

#include <fmt/format.h>
#include <net/if.h>

#include "daemon/own_endpoints.h"
#include "reach/nat_kind.h"
#include "wire/carried.h"
#include "wire/relay_frame.h"

namespace phantom::daemon {

namespace {

namespace json = boost::json;

// What the answer is made of, read once.
struct Facts {
    std::vector<MeshNode::PeerView> peers;
    std::vector<wire::SocketAddress> own;  // of interfaces
    std::optional<io::Gateway> gateway;
    reach::NatKind nat = reach::NatKind::kUnknown;
    bool has_direct = false;
    bool has_carried = false;
    bool has_relayed = false;
    bool has_v6 = false;
};

bool is_direct(const MeshNode::PeerView& peer) {
    return peer.linked && wire::is_direct(peer.link->over);
}

Facts gather(const MeshNode& node) {
    Facts facts;
    facts.peers = node.peers();
    const auto& membership = node.state().membership;
    facts.own = own_endpoints(membership.listen_port, membership.interface);
    facts.gateway = io::default_gateway();
    std::vector<reach::Observation> observations;
    for (const MeshNode::PeerView& peer : facts.peers) {
        facts.has_direct = facts.has_direct || is_direct(peer);
        facts.has_carried = facts.has_carried || (peer.linked && wire::is_carried(peer.link->over));
        facts.has_relayed = facts.has_relayed || (peer.linked && wire::is_relay(peer.link->over));
        if (peer.linked && !peer.link->observed.address.is_none()) {
            observations.push_back({peer.link->endpoint.address, peer.link->observed});
        }
    }
    facts.nat = reach::nat_kind(observations, facts.own);
    // RFC 4291 section 2.4: global unicast addresses in use begin with 001.
    facts.has_v6 = std::ranges::any_of(facts.own, [](const wire::SocketAddress& each) {
        return each.address.family == wire::Family::kV6 && (each.address.bytes[0] & 0xe0U) == 0x20;
    });
    return facts;
}

json::array observers_of(const Facts& facts) {
    json::array observers;
    for (const MeshNode::PeerView& peer : facts.peers) {
        if (peer.linked && !peer.link->observed.address.is_none()) {
            observers.push_back({
                {"by", peer.record->certificate.name.text()},
                {"endpoint", peer.link->observed.to_string()},
            });
        }
    }
    return observers;
}

json::array endpoints_of(const MeshNode& node, const Facts& facts, const ReachService::View& view) {
    json::array endpoints;
    for (const wire::SocketAddress& each : node.mesh().self().descriptor.endpoints) {
        const bool of_interface = std::ranges::find(facts.own, each) != facts.own.end();
        const bool of_router = view.mapping && view.mapping->outer == each;
        endpoints.push_back({
            {"endpoint", each.to_string()},
            {"from", of_router      ? "router"
                     : of_interface ? "interface"
                                    : "given"},
        });
    }
    return endpoints;
}

json::object mapping_of(const ReachService::View& view) {
    json::object out{
        {"state", "none"}, {"protocol", nullptr}, {"endpoint", nullptr}, {"public", nullptr}
    };
    if (view.mapping) {
        out["state"] = "mapped";
        out["protocol"] = reach::name_of(view.mapping->protocol);
        out["endpoint"] = view.mapping->outer.to_string();
        out["public"] = !reach::is_private(view.mapping->outer.address);
    } else if (!view.wanted.port_mapping) {
        out["state"] = "off";
    } else if (view.asking) {
        out["state"] = "asking";
    }
    return out;
}

json::array neighbours_of(const MeshNode& node, const ReachService::View& view) {
    json::array neighbours;
    for (const auto& each : view.neighbours) {
        for (const auto& [id, member] : node.mesh().directory().members()) {
            if (wire::hop_id(id.bytes.data()) == each.member) {
                neighbours.push_back({
                    {"name", member.certificate.name.text()},
                    {"endpoint", each.endpoint.to_string()},
                });
            }
        }
    }
    return neighbours;
}

json::array relays_of(const Facts& facts) {
    json::array relays;
    for (const MeshNode::PeerView& peer : facts.peers) {
        if (!is_direct(peer) || !peer.record->descriptor.has(identity::Capability::kRelay)) {
            continue;
        }
        json::object relay{{"name", peer.record->certificate.name.text()}, {"rtt_ms", nullptr}};
        if (peer.link->rtt) {
            relay["rtt_ms"] = std::chrono::duration<double, std::milli>(*peer.link->rtt).count();
        }
        relays.push_back(std::move(relay));
    }
    return relays;
}

bool is_translated(reach::NatKind kind) {
    return kind == reach::NatKind::kTranslated || kind == reach::NatKind::kEndpointIndependent ||
           kind == reach::NatKind::kSymmetric;
}

// What to do next, most useful first.
json::array advice_of(const MeshNode& node, const Facts& facts, const ReachService::View& view) {
    json::array advice;
    const auto say = [&advice](const std::string& line) { advice.emplace_back(line); };
    const std::uint16_t port = node.state().membership.listen_port;
    if (facts.peers.empty()) {
        say("There is no other member yet: 'phantom token create' prints an invitation.");
    } else if (!facts.has_direct && facts.has_carried) {
        say(fmt::format(
            "No UDP gets through: members are reached by TCP, which is slower. If the firewall is "
            "yours, let UDP port {} leave.",
            port
        ));
    } else if (!facts.has_direct && !facts.has_relayed) {
        say(fmt::format(
            "No member answers. Does a firewall stop UDP? Port {} must be free to leave, at least.",
            port
        ));
    } else if (!facts.has_direct) {
        say("Every member is reached over relays only.");
    }
    if (view.mapping && reach::is_private(view.mapping->outer.address)) {
        say("The router that maps a port is itself behind another one; ask the provider for a "
            "public address, or use IPv6.");
    }
    if (is_translated(facts.nat) && !view.mapping) {
        const std::string what = view.wanted.port_mapping
                                     ? "The router maps no port. Turn on PCP, NAT-PMP or UPnP there"
                                     : "Port mapping is off: start without --no-port-mapping";
        say(fmt::format(
            "{}, or forward UDP port {} to this machine and say so with --endpoint HOST:PORT.",
            what, port
        ));
    }
    if (facts.nat == reach::NatKind::kSymmetric && !view.mapping) {
        say("It gives each destination another port: two such routers keep nodes on a relay.");
    }
    if (facts.nat == reach::NatKind::kTranslated) {
        say("A second member with another address would tell what kind of router this is.");
    }
    if (advice.empty()) {
        say("Nothing to do.");
    }
    return advice;
}

json::value udp_of(const Facts& facts) {
    return facts.peers.empty() ? json::value(nullptr) : json::value(facts.has_direct);
}

}  // namespace

json::object netcheck(const MeshNode& node, const ReachService::View& view) {
    const Facts facts = gather(node);
    json::object mtu{
        {"mesh", io::mtu_of(if_nametoindex(node.state().membership.interface.c_str()))},
        {"uplink", nullptr},
    };
    if (facts.gateway) {
        mtu["uplink"] = io::mtu_of(facts.gateway->interface);
    }
    return {
        {"schema", "phantom.netcheck/1"},
        {"udp", udp_of(facts)},
        {"nat", reach::name_of(facts.nat)},
        {"observed", observers_of(facts)},
        {"ipv6", facts.has_v6},
        {"gateway", facts.gateway ? json::value(json::string(facts.gateway->address.to_string()))
                                  : json::value(nullptr)},
        {"endpoints", endpoints_of(node, facts, view)},
        {"port_mapping", mapping_of(view)},
        {"lan_discovery", view.wanted.lan_discovery},
        {"lan", neighbours_of(node, view)},
        {"mtu", std::move(mtu)},
        {"relays", relays_of(facts)},
        {"advice", advice_of(node, facts, view)},
    };
}

}  // namespace phantom::daemon
