#include "daemon/remedy_effect.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "daemon/remedy_switches.h"

namespace phantom::daemon {

namespace {

namespace json = boost::json;

using Match = CurrentFlows::Match;

std::vector<wire::Address> addresses_of_member(const identity::MemberRecord& member) {
    return {member.certificate.overlay_v4, member.descriptor.overlay_v6()};
}

const identity::MemberRecord* record_of(const remedy::MemberId& member, const MeshNode& node) {
    return node.mesh().directory().find_known(node_id(member));
}

bool is_about(
    const remedy::Target& target, const identity::MemberRecord& member, const Match& matches
) {
    if (target.kind() == remedy::KeyKind::kHost) {
        return true;
    }
    if (const remedy::MemberId* id = remedy::member_of(target)) {
        return member.descriptor.node == node_id(*id);
    }
    return std::ranges::any_of(addresses_of_member(member), matches);
}

Match match_of(const remedy::Target& target, const MeshNode& node) {
    if (const auto* address = std::get_if<wire::Address>(&target.key)) {
        return [address = *address](const wire::Address& other) { return other == address; };
    }
    if (const auto* prefix = std::get_if<wire::Prefix>(&target.key)) {
        return [prefix = *prefix](const wire::Address& other) { return prefix.contains(other); };
    }
    if (const auto* route = std::get_if<remedy::MemberRoute>(&target.key)) {
        return
            [prefix = route->prefix](const wire::Address& other) { return prefix.contains(other); };
    }
    if (target.kind() == remedy::KeyKind::kHost) {
        return [](const wire::Address& /*other*/) { return true; };
    }
    const auto* record = record_of(*remedy::member_of(target), node);
    // What goes by it, too.
    std::vector<wire::Prefix> prefixes;
    if (record != nullptr) {
        prefixes = node.routes_by(record->descriptor.keys.wireguard);
        for (const wire::Address& each : addresses_of_member(*record)) {
            if (!each.is_none()) {
                prefixes.push_back(
                    wire::Prefix::of(each, static_cast<std::uint8_t>(each.bit_count()))
                );
            }
        }
    }
    return [prefixes = std::move(prefixes)](const wire::Address& other) {
        return std::ranges::any_of(prefixes, [&](const wire::Prefix& each) {
            return each.contains(other);
        });
    };
}

std::string names_text(const NameList& names) {
    return names.count <= names.listed.size() ? fmt::format("{}", fmt::join(names.listed, ", "))
                                              : fmt::format(
                                                    "{} and {} more", fmt::join(names.listed, ", "),
                                                    names.count - names.listed.size()
                                                );
}

json::array names_json(const NameList& names) {
    json::array made(
        names.listed.begin(), names.listed.end()
    );  // in braces it would be an array of two
    return made;
}

}  // namespace

void NameList::add(std::string name) {
    if (count++ < kNamesListed) {
        listed.push_back(std::move(name));
    }
}

Effect effect_of(
    const remedy::Target& target, const MeshNode& node, CurrentFlows& flows, Duration patience
) {
    const Match matches = match_of(target, node);
    const bool is_rekey =
        target.executor == remedy::Executor::kTunnel && target.option == remedy::kRekey;
    Effect effect{
        .cuts = target.executor != remedy::Executor::kRateLimit && !is_rekey,
        .flows = flows.matching(matches, patience),
        .members = {},
        .routes = {},
        .tunnels = {},
    };
    for (const MeshNode::PeerView& peer : node.peers()) {
        const std::string& name = peer.record->certificate.name.text();
        if (is_about(target, *peer.record, matches)) {
            effect.members.add(name);
        }
        const auto& endpoints = peer.record->descriptor.endpoints;
        if (std::ranges::any_of(endpoints, [&](const wire::SocketAddress& each) {
                return matches(each.address);
            })) {
            effect.tunnels.add(name);
        }
    }
    if (const remedy::MemberId* member = remedy::member_of(target)) {
        if (const auto* record = record_of(*member, node)) {
            for (const wire::Prefix& each : node.routes_by(record->descriptor.keys.wireguard)) {
                effect.routes.add(each.to_string());
            }
        }
    }
    return effect;
}

std::string to_string(const Effect& effect) {
    const CurrentFlows::Matched& flows = effect.flows;
    const char* does = effect.cuts ? "would cut" : "would touch";
    std::string text = fmt::format(
        "{} {}{} flow{}", does, flows.is_whole ? "" : "at least ", flows.count,
        flows.count == 1 ? "" : "s"
    );
    if (!flows.listed.empty()) {
        text += fmt::format(": {}", fmt::join(flows.listed, ", "));
    }
    if (flows.count > flows.listed.size()) {
        text += fmt::format(" and {} more", flows.count - flows.listed.size());
    }
    const auto add = [&](const char* what, const NameList& names) {
        if (names.count > 0) {
            text += fmt::format("; {} {}", what, names_text(names));
        }
    };
    add("members:", effect.members);
    add("routes by them:", effect.routes);
    add("tunnels to:", effect.tunnels);
    return text;
}

json::object to_json(const Effect& effect) {
    return {
        {"text", to_string(effect)},
        {"flows", effect.flows.count},
        {"flows_are_all", effect.flows.is_whole},
        {"flow_list", json::array(effect.flows.listed.begin(), effect.flows.listed.end())},
        {"members", names_json(effect.members)},
        {"members_count", effect.members.count},
        {"routes", names_json(effect.routes)},
        {"routes_count", effect.routes.count},
        {"tunnels", names_json(effect.tunnels)},
        {"tunnels_count", effect.tunnels.count},
    };
}

std::string member_name(const remedy::MemberId& member, const MeshNode& node) {
    const auto* record = record_of(member, node);
    return record == nullptr ? node_id(member).short_text() : record->certificate.name.text();
}

std::string target_text(const remedy::Target& target, const MeshNode& node) {
    switch (target.kind()) {
        case remedy::KeyKind::kAddress:
            return std::get<wire::Address>(target.key).to_string();
        case remedy::KeyKind::kPrefix:
            return std::get<wire::Prefix>(target.key).to_string();
        case remedy::KeyKind::kMember:
            return member_name(std::get<remedy::MemberId>(target.key), node);
        case remedy::KeyKind::kHost:
            return "@self";
        case remedy::KeyKind::kMemberRoute: {
            const auto& route = std::get<remedy::MemberRoute>(target.key);
            return fmt::format("{} via {}", route.prefix.to_string(), member_name(route.via, node));
        }
    }
    return "";
}

std::string deed_text(const remedy::Target& target, const MeshNode& node) {
    const std::string whom = target_text(target, node);
    switch (target.executor) {
        case remedy::Executor::kFirewall:
            return fmt::format("packets of {} are dropped", whom);
        case remedy::Executor::kIsolation:
            return fmt::format("{} is isolated", whom);
        case remedy::Executor::kRateLimit:
            return fmt::format("{} is held to {} kB a second", whom, target.option / 1'000);
        case remedy::Executor::kTunnel:
            return target.option == remedy::kRekey
                       ? fmt::format("keys are agreed anew with {}", whom)
                       : fmt::format("the tunnel to {} is closed", whom);
        case remedy::Executor::kRoute:
            return target.kind() == remedy::KeyKind::kMemberRoute
                       ? fmt::format("{} is not gone to", whom)
                       : fmt::format("packets to {} are dropped", whom);
        case remedy::Executor::kCredential:
            return fmt::format("the certificate of {} counts for nothing here", whom);
    }
    return "";
}

}  // namespace phantom::daemon
