#include "daemon/remedy_effect.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <functional>
#include <iterator>

#include <fmt/format.h>

#include "daemon/remedy_switches.h"

namespace phantom::daemon {

namespace {

namespace json = boost::json;

constexpr std::size_t kTableSizeMax = 16U << 20U;
constexpr std::array kTables{
    "/proc/self/net/tcp", "/proc/self/net/tcp6", "/proc/self/net/udp", "/proc/self/net/udp6"
};
constexpr std::array<std::uint8_t, 12> kMappedV4{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

using Match = std::function<bool(const wire::Address&)>;

std::string read_table(const char* path) {
    std::string text;
    std::ifstream file(path);
    text.resize(kTableSizeMax);
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
    return text;
}

// Words of the machine's order, in hexadecimal: "0100007F", or four of them.
std::optional<wire::Address> address_in(std::string_view text) {
    std::array<std::uint8_t, 16> bytes{};
    if (text.size() != 8 && text.size() != 32) {
        return std::nullopt;
    }
    for (std::size_t word = 0; word < text.size() / 8; ++word) {
        std::uint32_t value = 0;
        const char* begin = text.data() + 8 * word;
        if (std::from_chars(begin, begin + 8, value, 16).ptr != begin + 8) {
            return std::nullopt;
        }
        std::memcpy(bytes.data() + 4 * word, &value, sizeof value);
    }
    if (text.size() == 8) {
        return wire::Address::v4(bytes.data());
    }
    const bool is_mapped = std::ranges::equal(kMappedV4, std::span(bytes).first(kMappedV4.size()));
    return is_mapped ? wire::Address::v4(bytes.data() + kMappedV4.size())
                     : wire::Address::v6(bytes.data());
}

bool is_nobody(const wire::Address& address) {
    return std::ranges::all_of(address.bytes, [](std::uint8_t byte) { return byte == 0; });
}

std::size_t count_connections(const Match& matches) {
    std::size_t count = 0;
    for (const char* path : kTables) {
        const auto ends = remote_ends_in(read_table(path));
        count += static_cast<std::size_t>(std::ranges::count_if(ends, matches));
    }
    return count;
}

std::vector<wire::Address> addresses_of(const identity::MemberRecord& member) {
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
    return std::ranges::any_of(addresses_of(member), matches);
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
    return [addresses = record == nullptr ? std::vector<wire::Address>{}
                                          : addresses_of(*record)](const wire::Address& other) {
        return std::ranges::find(addresses, other) != addresses.end();
    };
}

}  // namespace

std::vector<wire::Address> remote_ends_in(std::string_view table) {
    std::vector<wire::Address> ends;
    while (!table.empty()) {
        const std::string_view line = table.substr(0, table.find('\n'));
        table.remove_prefix(std::min(line.size() + 1, table.size()));
        // "  12: 0100007F:1F90 0200007F:C350 01 ...": number, here, there.
        std::size_t at = line.find(": ");
        at = at == std::string_view::npos ? at : line.find(' ', at + 2);
        const std::size_t end = at == std::string_view::npos ? at : line.find(':', at);
        if (end == std::string_view::npos) {
            continue;
        }
        const auto address = address_in(line.substr(at + 1, end - at - 1));
        if (address && !is_nobody(*address)) {
            ends.push_back(*address);
        }
    }
    return ends;
}

json::object effect_of(const remedy::Target& target, const MeshNode& node) {
    const Match matches = match_of(target, node);
    json::array members;
    json::array tunnels;
    for (const MeshNode::PeerView& peer : node.peers()) {
        const std::string& name = peer.record->certificate.name.text();
        if (is_about(target, *peer.record, matches)) {
            members.emplace_back(name);
        }
        const auto& endpoints = peer.record->descriptor.endpoints;
        if (std::ranges::any_of(endpoints, [&](const wire::SocketAddress& each) {
                return matches(each.address);
            })) {
            tunnels.emplace_back(name);
        }
    }
    json::array routes;
    if (const remedy::MemberId* member = remedy::member_of(target); member != nullptr) {
        const auto* record = record_of(*member, node);
        for (const wire::Prefix& prefix : record == nullptr
                                              ? std::vector<wire::Prefix>{}
                                              : node.routes_by(record->descriptor.keys.wireguard)) {
            routes.emplace_back(prefix.to_string());
        }
    }
    return {
        {"members", std::move(members)},
        {"tunnels", std::move(tunnels)},
        {"routes", std::move(routes)},
        {"connections", count_connections(matches)},
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

}  // namespace phantom::daemon
