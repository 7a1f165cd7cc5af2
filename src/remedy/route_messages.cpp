#include "remedy/route_messages.h"

#include <array>

#include <libmnl/libmnl.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

namespace phantom::remedy {

namespace {

constexpr std::size_t kRouteMessageSizeMax = 256;

struct RouteBuffer {
    alignas(nlmsghdr) std::array<std::uint8_t, kRouteMessageSizeMax> bytes{};

    nlmsghdr* begin(std::uint16_t type, int flags, std::uint32_t sequence) {
        nlmsghdr* header = mnl_nlmsg_put_header(bytes.data());
        header->nlmsg_type = type;
        header->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
        header->nlmsg_seq = sequence;
        return header;
    }
    [[nodiscard]] std::vector<std::uint8_t> take(const nlmsghdr* header) const {
        return {bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(header->nlmsg_len)};
    }
};

std::uint8_t number_of(wire::Family family) {
    return family == wire::Family::kV4 ? AF_INET : AF_INET6;
}

rtmsg* put_blackhole(nlmsghdr* header, wire::Family family) {
    auto* route = static_cast<rtmsg*>(mnl_nlmsg_put_extra_header(header, sizeof(rtmsg)));
    route->rtm_family = number_of(family);
    route->rtm_table = RT_TABLE_UNSPEC;
    route->rtm_protocol = kRouteProtocol;
    route->rtm_scope = RT_SCOPE_UNIVERSE;
    route->rtm_type = RTN_BLACKHOLE;
    mnl_attr_put_u32(header, RTA_TABLE, kBlackholeTable);
    return route;
}

// Of the header at the front of a message of that type; null: another one.
template <class Extra>
const Extra* body_of(ByteView message, std::uint16_t type) {
    const auto* header = reinterpret_cast<const nlmsghdr*>(message.data());
    const bool is_it = mnl_nlmsg_ok(header, static_cast<int>(message.size())) &&
                       header->nlmsg_type == type &&
                       mnl_nlmsg_get_payload_len(header) >= sizeof(Extra);
    return is_it ? static_cast<const Extra*>(mnl_nlmsg_get_payload(header)) : nullptr;
}

template <std::size_t Count>
std::array<const nlattr*, Count> attributes_of(ByteView message, std::size_t extra_size) {
    std::array<const nlattr*, Count> table{};
    const auto* header = reinterpret_cast<const nlmsghdr*>(message.data());
    const auto* at = static_cast<const nlattr*>(mnl_nlmsg_get_payload_offset(header, extra_size));
    const auto* end = static_cast<const std::uint8_t*>(mnl_nlmsg_get_payload_tail(header));
    while (mnl_attr_ok(at, static_cast<int>(end - reinterpret_cast<const std::uint8_t*>(at)))) {
        if (mnl_attr_get_type(at) < Count) {
            table[mnl_attr_get_type(at)] = at;
        }
        at = mnl_attr_next(at);
    }
    return table;
}

std::uint32_t u32_of(const nlattr* attribute) {
    const bool fits =
        attribute != nullptr && mnl_attr_get_payload_len(attribute) == sizeof(std::uint32_t);
    return fits ? mnl_attr_get_u32(attribute) : 0;
}

}  // namespace

std::vector<std::uint8_t> blackhole_change(
    const wire::Prefix& to, bool add, std::uint32_t sequence
) {
    RouteBuffer buffer;
    const int flags = NLM_F_ACK | (add ? NLM_F_CREATE | NLM_F_EXCL : 0);
    nlmsghdr* header = buffer.begin(add ? RTM_NEWROUTE : RTM_DELROUTE, flags, sequence);
    rtmsg* route = put_blackhole(header, to.address.family);
    route->rtm_dst_len = to.length;
    mnl_attr_put(header, RTA_DST, to.address.size_bytes(), to.address.bytes.data());
    return buffer.take(header);
}

std::vector<std::uint8_t> blackhole_rule_change(
    wire::Family family, bool add, std::uint32_t sequence
) {
    RouteBuffer buffer;
    const int flags = NLM_F_ACK | (add ? NLM_F_CREATE | NLM_F_EXCL : 0);
    nlmsghdr* header = buffer.begin(add ? RTM_NEWRULE : RTM_DELRULE, flags, sequence);
    auto* rule =
        static_cast<fib_rule_hdr*>(mnl_nlmsg_put_extra_header(header, sizeof(fib_rule_hdr)));
    rule->family = number_of(family);
    rule->action = FR_ACT_TO_TBL;
    mnl_attr_put_u32(header, FRA_PRIORITY, kBlackholePriority);
    mnl_attr_put_u32(header, FRA_TABLE, kBlackholeTable);
    mnl_attr_put_u8(header, FRA_PROTOCOL, kRouteProtocol);
    return buffer.take(header);
}

std::vector<std::uint8_t> blackholes_dump(wire::Family family, std::uint32_t sequence) {
    RouteBuffer buffer;
    nlmsghdr* header = buffer.begin(RTM_GETROUTE, NLM_F_DUMP, sequence);
    rtmsg* route = put_blackhole(header, family);
    // Filters, where the kernel is asked to look at them: a machine may have a million other routes.
    route->rtm_protocol = kRouteProtocol;
    return buffer.take(header);
}

std::vector<std::uint8_t> rules_dump(wire::Family family, std::uint32_t sequence) {
    RouteBuffer buffer;
    nlmsghdr* header = buffer.begin(RTM_GETRULE, NLM_F_DUMP, sequence);
    auto* rule =
        static_cast<fib_rule_hdr*>(mnl_nlmsg_put_extra_header(header, sizeof(fib_rule_hdr)));
    rule->family = number_of(family);
    return buffer.take(header);
}

std::optional<wire::Prefix> blackhole_in(ByteView message) {
    const auto* route = body_of<rtmsg>(message, RTM_NEWROUTE);
    if (route == nullptr || route->rtm_type != RTN_BLACKHOLE) {
        return std::nullopt;
    }
    const auto parts = attributes_of<RTA_TABLE + 1>(message, sizeof(rtmsg));
    const nlattr* to = parts[RTA_DST];
    if (to == nullptr || u32_of(parts[RTA_TABLE]) != kBlackholeTable) {
        return std::nullopt;
    }
    const auto* bytes = static_cast<const std::uint8_t*>(mnl_attr_get_payload(to));
    const std::size_t size = mnl_attr_get_payload_len(to);
    const bool is_v4 = route->rtm_family == AF_INET;
    const std::size_t whole = is_v4 ? 4 : 16;
    if (size != whole || route->rtm_dst_len > 8 * whole) {
        return std::nullopt;
    }
    return wire::Prefix::of(
        is_v4 ? wire::Address::v4(bytes) : wire::Address::v6(bytes), route->rtm_dst_len
    );
}

bool is_blackhole_rule(ByteView message) {
    if (body_of<fib_rule_hdr>(message, RTM_NEWRULE) == nullptr) {
        return false;
    }
    const auto parts = attributes_of<FRA_TABLE + 1>(message, sizeof(fib_rule_hdr));
    return u32_of(parts[FRA_TABLE]) == kBlackholeTable &&
           u32_of(parts[FRA_PRIORITY]) == kBlackholePriority;
}

}  // namespace phantom::remedy
